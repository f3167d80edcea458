-- One pass over the document for both writers. `context.json` lies in the working folder:
--   records: id -> the record as HTML or Typst, labels: id -> "Figure 1", bibliography: bool
-- What cannot be set is written to `problems.json`, all of it at once, and pandoc stops.

local function slurp(name)
  local file = assert(io.open(name, 'rb'))
  local text = file:read('a')
  file:close()
  return text
end

local context = pandoc.json.decode(slurp('context.json'), false)
local typst = FORMAT:match('typst') ~= nil
local target = typst and 'typst' or 'html'
local text_of = pandoc.utils.stringify
local problems = {}
local labels = {}
local places = {}

local function problem(kind, name)
  problems[#problems + 1] = { kind = kind, name = name }
end

local function is_reference(id)
  return id:match('^fig%-') or id:match('^tbl%-') or id:match('^sec%-')
end

local function quoted(text)
  return '"' .. text:gsub('\\', '\\\\'):gsub('"', '\\"'):gsub('%s+', ' ') .. '"'
end

-- A record's source, with citations where its keys stand between U+E000 and U+E001.
local function record(id)
  local rest, inlines = context.records[id], pandoc.List()
  while true do
    local from, to, keys = rest:find('\u{E000}(.-)\u{E001}')
    if not from then break end
    inlines:insert(pandoc.RawInline(target, rest:sub(1, from - 1)))
    local citations = pandoc.List()
    for key in keys:gmatch('[^;]+') do
      citations:insert(pandoc.Citation(key, 'NormalCitation'))
    end
    inlines:insert(pandoc.Cite({ pandoc.Str('[' .. keys .. ']') }, citations))
    rest = rest:sub(to + 1)
  end
  if #inlines == 0 then return pandoc.RawBlock(target, rest) end
  inlines:insert(pandoc.RawInline(target, rest))
  return pandoc.Plain(inlines)
end

local panels = { { 'keyresults', 'Key results' }, { 'caution', 'Caution' } }

local function panel(div, class, usual)
  local title = div.attributes.title or usual
  local body = pandoc.List()
  if typst then
    body:insert(pandoc.RawBlock('typst', '#report-panel(kind: ' .. quoted(class) .. ', title: ' .. quoted(title) .. ')['))
    body:extend(div.content)
    body:insert(pandoc.RawBlock('typst', ']'))
    return body
  end
  local heading = pandoc.Div({ pandoc.Para({ pandoc.Str(title) }) }, pandoc.Attr('', { 'panel-title' }))
  body:insert(heading)
  body:extend(div.content)
  local attributes = { { 'role', 'note' }, { 'aria-label', title } }
  return pandoc.Div(body, pandoc.Attr(div.identifier, { 'panel', class }, attributes))
end

local function div(block)
  if block.classes:includes('costmodel-record') and context.records[block.identifier] then
    return record(block.identifier)
  end
  for _, known in ipairs(panels) do
    local class, usual = known[1], known[2]
    if block.classes:includes(class) then return panel(block, class, usual) end
  end
end

-- A citation group is one of cross references, or one of sources.
local function cite(group)
  local links, sources = pandoc.List(), 0
  for _, citation in ipairs(group.citations) do
    local label = labels[citation.id]
    if label then
      if #links > 0 then links:extend({ pandoc.Str(','), pandoc.Space() }) end
      links:insert(pandoc.Link((label:gsub(' ', '\u{00A0}')), '#' .. citation.id))
    elseif is_reference(citation.id) then
      problem('reference', citation.id)
    else
      sources = sources + 1
    end
  end
  if #links > 0 and sources > 0 then problem('mixed', text_of(group)) end
  if #links > 0 then return links end
end

-- PDF/UA demands words for every formula: its TeX source, which screen readers for mathematics know.
local function math(formula)
  if not typst then return nil end
  local body = pandoc.write(pandoc.Pandoc({ pandoc.Plain({ formula }) }), 'typst')
  body = body:gsub('^%s+', ''):gsub('%s+$', ''):gsub('%s*<[^<>%s]+>$', '')
  local block = formula.mathtype == 'DisplayMath' and 'true' or 'false'
  return pandoc.RawInline('typst',
    '#math.equation(block: ' .. block .. ', alt: ' .. quoted(formula.text) .. ', ' .. body .. ');')
end

local function link(element)
  local place = element.target:match('^#(.+)$')
  if place and not places[place] then problem('link', place) end
  if not place and not element.target:match('^https?://') and not element.target:match('^mailto:') then
    problem('address', element.target)
  end
end

local function image(element)
  problem('image', element.src)
end

local function plain_code(block)
  block.classes = {}
  return block
end

local function scoped(element)
  if typst then
    return { pandoc.RawBlock('typst', '#plain-table['), element, pandoc.RawBlock('typst', ']') }
  end
  for _, row in ipairs(element.head.rows) do
    for _, cell in ipairs(row.cells) do cell.attributes.scope = 'col' end
  end
  local attributes = { { 'role', 'region' }, { 'tabindex', '0' }, { 'aria-label', 'Table' } }
  return pandoc.Div({ element }, pandoc.Attr('', { 'scroll' }, attributes))
end

-- The document's title comes from its metadata, so the notebook's own first-level heading goes.
local function without_title(blocks)
  for at, block in ipairs(blocks) do
    if block.t == 'Header' then
      if block.level == 1 then blocks:remove(at) end
      break
    end
  end
  return blocks
end

local counts = {}
local function number(header)
  local depth = header.level - 1
  counts[depth] = (counts[depth] or 0) + 1
  for deeper = depth + 1, 6 do counts[deeper] = 0 end
  local parts = {}
  for at = 1, depth do parts[at] = tostring(counts[at] or 0) end
  return table.concat(parts, '.')
end

local function header(block)
  if block.level == 1 then
    problem('heading', text_of(block))
    return nil
  end
  if block.identifier:match('^fig%-') or block.identifier:match('^tbl%-') or block.identifier:match('^ref%-') then
    block.identifier = 'section-' .. block.identifier
  end
  if not block.classes:includes('unnumbered') then
    local shown = number(block)
    if block.identifier:match('^sec%-') then labels[block.identifier] = 'Section ' .. shown end
    if not typst then
      block.content:insert(1, pandoc.Space())
      block.content:insert(1, pandoc.Span({ pandoc.Str(shown) }, pandoc.Attr('', { 'section-number' })))
    end
  end
  if typst then block.level = block.level - 1 end
  return block
end

local function place(element)
  if element.identifier ~= '' then places[element.identifier] = true end
end

local function check_sources(doc)
  local known, asked = {}, {}
  for _, reference in ipairs(pandoc.utils.references(doc)) do known[reference.id] = true end
  doc:walk({ Cite = function(group)
    for _, citation in ipairs(group.citations) do
      local id = citation.id
      if not is_reference(id) then
        if not asked[id] and not known[id] then problem('source', id) end
        asked[id] = true
      end
    end
  end })
  return next(asked) ~= nil
end

local function with_references(doc)
  local cited = check_sources(doc)
  if cited and not places.refs then
    local level = typst and 1 or 2
    doc.blocks:insert(pandoc.Header(level, 'References', pandoc.Attr('references', { 'unnumbered' })))
    doc.blocks:insert(pandoc.Div({}, pandoc.Attr('refs')))
  end
  return doc
end

local function stop_if_problems()
  if #problems == 0 then return end
  local file = assert(io.open('problems.json', 'wb'))
  file:write(pandoc.json.encode(problems))
  file:close()
  error('the document has problems')
end

function Pandoc(doc)
  doc.blocks = without_title(doc.blocks)
  for id, label in pairs(context.labels) do
    labels[id], places[id] = label, true
  end
  doc = doc:walk({ Div = div, Image = image, CodeBlock = plain_code, Math = math, Table = scoped })
  doc = doc:walk({ Header = header })
  doc:walk({ Div = place, Span = place, Header = place })
  doc = doc:walk({ Cite = cite, Link = link })
  doc = with_references(doc)
  stop_if_problems()
  return doc
end
