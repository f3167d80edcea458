"""Fetching from a server that behaves, and from one that does not."""

import hashlib
import io
import json
import os
import zipfile

import pytest
from server_prices import Route, serving

from costmodel.datasets import read_dataset
from costmodel.errors import CostModelError
from costmodel.prices.fetching import FetchError, catalogue, fetch
from costmodel.prices.fetching.archive import unpack_one
from costmodel.prices.fetching.catalogue import entry_of
from costmodel.prices.fetching.limits import Limits, check_host

ROWS = b"ndc,price\n" + b"".join(b"%011d,%d.5\n" % (row, row % 97) for row in range(4_000))
PAGE = b"<!DOCTYPE html><html><head><title>Page not\n found &amp; gone</title></head><body></body></html>"


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr("costmodel.prices.fetching.transfer._LONGEST_WAIT", 0.01)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as running:
        yield running


@pytest.fixture
def get(server, tmp_path):
    def call(path="/list.csv", **options):
        given = {"folder": tmp_path, "progress": False, "loopback": True, "timeout": 5.0, **options}
        return fetch("my/list", url=server.url(path), **given)

    return call


def zipped(members, **options):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def left(folder):
    """Return what lies in a folder, locks aside."""
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


def test_a_file_arrives_whole_with_its_provenance(server, get, tmp_path):
    server.routes["/list.csv"] = Route(ROWS, headers={"Last-Modified": "Wed, 29 Apr 2026 10:00:00 GMT"})
    fetched = get()
    assert fetched.path.read_bytes() == ROWS
    assert fetched.sha256 == fetched.download_sha256 == hashlib.sha256(ROWS).hexdigest()
    assert (fetched.bytes, fetched.etag, fetched.new) == (len(ROWS), '"one"', True)
    noted = json.loads((tmp_path / "my_list.csv.json").read_text())
    assert noted["url"] == server.url("/list.csv")
    assert noted["modified"] == "Wed, 29 Apr 2026 10:00:00 GMT"
    assert noted["sha256"] == fetched.sha256
    assert left(tmp_path) == ["my_list.csv", "my_list.csv.json"]
    assert fetched.path.stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask():
    current = os.umask(0)
    os.umask(current)
    return current


def test_a_file_at_hand_is_not_downloaded_again_until_it_changes(server, get):
    server.routes["/list.csv"] = Route(ROWS)
    first = get()
    again = get()
    assert (again.new, again.sha256, again.fetched) == (False, first.sha256, first.fetched)
    assert server.seen[-1][1]["If-None-Match"] == '"one"'
    server.routes["/list.csv"] = Route(ROWS + b"1,2\n", etag='"two"')
    changed = get()
    assert changed.new
    assert changed.path.read_bytes() == ROWS + b"1,2\n"


def test_a_file_that_was_altered_at_home_is_fetched_again(server, get):
    server.routes["/list.csv"] = Route(ROWS)
    get().path.write_bytes(b"altered")
    assert get().path.read_bytes() == ROWS


def test_a_known_checksum_needs_no_second_call(server, get):
    server.routes["/list.csv"] = Route(ROWS)
    known = hashlib.sha256(ROWS).hexdigest()
    get(sha256=f"sha256:{known}")
    calls = len(server.seen)
    assert not get(sha256=known).new
    assert len(server.seen) == calls


def test_a_wrong_checksum_installs_nothing_and_keeps_the_old_file(server, get, tmp_path):
    server.routes["/list.csv"] = Route(ROWS)
    get()
    server.routes["/list.csv"] = Route(ROWS + b"x", etag='"two"')
    with pytest.raises(FetchError, match="is not the one that was meant") as caught:
        get(sha256="0" * 64)
    assert hashlib.sha256(ROWS + b"x").hexdigest() in str(caught.value)
    assert (tmp_path / "my_list.csv").read_bytes() == ROWS
    assert left(tmp_path) == ["my_list.csv", "my_list.csv.json"]


def test_a_checksum_must_be_one(get):
    with pytest.raises(CostModelError, match="64 hexadecimal digits; found 'abc'"):
        get(sha256="abc")


def test_a_transfer_cut_off_is_resumed_at_the_byte(server, get):
    server.routes["/list.csv"] = Route(ROWS, cut=20_000)
    assert get().path.read_bytes() == ROWS
    assert server.ranges() == [None, "bytes=20000-"]
    assert server.seen[1][1]["If-Range"] == '"one"'


def test_the_next_call_resumes_what_the_last_left(server, get, tmp_path):
    server.routes["/list.csv"] = Route(ROWS, cut=30_000)
    with pytest.raises(FetchError, match="30,000 bytes are kept: call again to resume"):
        get(attempts=1)
    assert left(tmp_path) == [".my_list.csv.part", ".my_list.csv.part.json"]
    fetched = get()
    assert fetched.path.read_bytes() == ROWS
    assert server.ranges() == [None, "bytes=30000-"]
    assert left(tmp_path) == ["my_list.csv", "my_list.csv.json"]


def test_a_server_without_ranges_starts_anew(server, get):
    server.routes["/list.csv"] = Route(ROWS, cut=20_000, ranges=False)
    assert get().path.read_bytes() == ROWS
    assert server.ranges() == [None, "bytes=20000-"]


def test_a_file_without_a_release_is_not_resumed(server, get):
    server.routes["/list.csv"] = Route(ROWS, cut=20_000, etag="")
    assert get().path.read_bytes() == ROWS
    assert server.ranges() == [None, None]


def test_a_weak_etag_is_no_release(server, get):
    server.routes["/list.csv"] = Route(ROWS, cut=20_000, etag='W/"one"')
    assert get().path.read_bytes() == ROWS
    assert server.ranges() == [None, None]


@pytest.mark.parametrize("honest", [True, False])
def test_a_file_that_changes_midway_starts_anew(server, get, honest):
    """An honest server heeds If-Range; the other continues the new file, which its ETag gives away."""
    server.routes["/list.csv"] = Route(ROWS, cut=20_000)
    with pytest.raises(FetchError):
        get(attempts=1)
    other = ROWS.replace(b".5", b".7")
    server.routes["/list.csv"] = Route(other, etag='"two"', honest=honest)
    assert get().path.read_bytes() == other


def test_a_chunked_answer_arrives(server, get):
    server.routes["/list.csv"] = Route(ROWS, chunked=True)
    assert get().path.read_bytes() == ROWS


def test_a_chunked_answer_cut_off_is_not_taken_for_whole(server, get, tmp_path):
    server.routes["/list.csv"] = Route(ROWS, chunked=True, cut=9_000)
    with pytest.raises(FetchError, match="broke off"):
        get(attempts=1)
    assert "my_list.csv" not in left(tmp_path)


def test_a_server_that_drips_is_given_up(server, get):
    server.routes["/list.csv"] = Route(ROWS, drip=0.02)
    with pytest.raises(FetchError, match=r"is too slow: .* bytes in .* where at least 1,000 a second"):
        get(timeout=0.2, attempts=1)


def test_a_server_that_is_busy_is_asked_again(server, get):
    server.routes["/list.csv"] = Route(ROWS, fail=[503, 500])
    assert get().path.read_bytes() == ROWS
    assert len(server.seen) == 3


def test_a_server_that_stays_broken_is_given_up(server, get, tmp_path):
    server.routes["/list.csv"] = Route(ROWS, fail=[500] * 9)
    with pytest.raises(FetchError, match=r"my/list: .* answered 500 .*\(4 attempts\)"):
        get()
    assert len(server.seen) == 4
    assert left(tmp_path) == []


def test_a_missing_file_is_not_asked_for_again(server, get):
    with pytest.raises(FetchError, match="404: there is no such file; the publisher may have moved it"):
        get("/nothing.csv")
    assert len(server.seen) == 1


@pytest.mark.usefixtures("server")
def test_nobody_there(tmp_path):
    with serving() as other:
        url = other.url("/list.csv")
    with pytest.raises(FetchError, match=r"my/list: the connection to .* broke off"):
        fetch("my/list", url=url, folder=tmp_path, progress=False, loopback=True, attempts=2)


def test_a_redirect_on_the_same_host_is_followed(server, get):
    server.routes["/old.csv"] = Route(status=302, headers={"Location": "/list.csv"})
    server.routes["/list.csv"] = Route(ROWS)
    fetched = get("/old.csv")
    assert fetched.path.read_bytes() == ROWS
    assert (fetched.address, fetched.url) == (server.url("/old.csv"), server.url("/list.csv"))


def test_a_redirect_to_another_host_is_refused(server, get):
    with serving() as other:
        other.routes["/list.csv"] = Route(ROWS)
        server.routes["/list.csv"] = Route(status=302, headers={"Location": other.url("/list.csv")})
        with pytest.raises(FetchError, match=r"redirects to another host, 127\.0\.0\.1:"):
            get()
        assert other.seen == []


def test_a_redirect_away_from_https_is_refused(server, get):
    server.routes["/list.csv"] = Route(status=301, headers={"Location": "http://example.org/list.csv"})
    with pytest.raises(FetchError, match=r"http://example\.org/list\.csv is not https"):
        get()


def test_a_circle_of_redirects_ends(server, get):
    server.routes["/list.csv"] = Route(status=302, headers={"Location": "/list.csv"})
    with pytest.raises(FetchError, match="redirects more than 5 times"):
        get()


@pytest.mark.parametrize(
    ("host", "allowed"),
    [("evilfda.gov", False), ("fda.gov.evil.org", False), ("download.fda.gov", True), ("fda.gov", True)],
)
def test_only_hosts_below_the_publishers_count_as_its_own(host, allowed):
    url, home = f"https://{host}/a.zip", "https://www.fda.gov/a.zip"
    if allowed:
        assert check_host(url, home, ()) == url
    else:
        with pytest.raises(FetchError, match="another host"):
            check_host(url, home, ())
        assert check_host(url, home, (host,)) == url


def test_http_needs_the_allowance(server, tmp_path):
    server.routes["/list.csv"] = Route(ROWS)
    with pytest.raises(FetchError, match="is not https"):
        fetch("my/list", url=server.url("/list.csv"), folder=tmp_path)
    with pytest.raises(FetchError, match="is not https"):
        fetch("my/list", url="http://example.org/a.csv", folder=tmp_path, loopback=True)
    with pytest.raises(FetchError, match="holds a user name"):
        fetch("my/list", url="https://me:secret@example.org/a.csv", folder=tmp_path)
    assert server.seen == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (PAGE, r"a web page \(titled 'Page not found & gone'\)"),
        (b"\xef\xbb\xbf\n <HTML><body>" + b"x" * 9_000, r"a web page \(without a title\)"),
        (b'<?xml version="1.0"?><Error>AccessDenied</Error>', "XML"),
        (b'{"message": "no such data set"}', "JSON"),
        (zipped({"a.csv": b"a,b\n1,2\n"}), "an archive or a workbook"),
        (b"a,b\n\x00\x01\x02", "not text"),
        (b" \n", "empty"),
    ],
)
def test_what_is_no_csv_is_refused(server, get, tmp_path, body, words):
    server.routes["/list.csv"] = Route(body)
    with pytest.raises(FetchError, match=f"my/list: .* should be a csv file but is {words}"):
        get()
    assert len(server.seen) == 1
    assert left(tmp_path) == []


def test_a_large_web_page_is_refused_before_it_has_arrived(server, get):
    server.routes["/list.csv"] = Route(PAGE + b" " * 9_000_000)
    with pytest.raises(FetchError, match="a web page"):
        get()


def test_a_file_too_large_is_refused_by_its_stated_size_or_as_it_comes(server, get, tmp_path):
    server.routes["/list.csv"] = Route(ROWS)
    with pytest.raises(FetchError, match="more than 10,000 bytes; raise max_bytes"):
        get(max_bytes=10_000)
    server.routes["/list.csv"] = Route(ROWS, chunked=True)
    with pytest.raises(FetchError, match="more than 10,000 bytes"):
        get(max_bytes=10_000)
    assert left(tmp_path) == []


def test_one_file_comes_out_of_an_archive(server, get, tmp_path):
    packed = zipped({"list.csv": ROWS})
    server.routes["/list.zip"] = Route(packed)
    fetched = get("/list.zip")
    assert fetched.path == tmp_path / "my_list.csv"
    assert fetched.path.read_bytes() == ROWS
    assert (fetched.member, fetched.sha256) == ("list.csv", hashlib.sha256(ROWS).hexdigest())
    assert fetched.download_sha256 == hashlib.sha256(packed).hexdigest()
    assert not get("/list.zip").new


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"a.csv": b"1", "b.csv": b"2"}, "must hold one file; it holds a.csv, b.csv"),
        ({"../../evil.csv": b"1"}, "a path that leads elsewhere, '../../evil.csv'"),
        ({"/etc/evil.csv": b"1"}, "a path that leads elsewhere"),
        ({"C:\\evil.csv": b"1"}, "a path that leads elsewhere"),
        ({"inner.zip": zipped({"a": b"1"})}, "holds another archive, 'inner.zip'"),
        ({"inner.csv": zipped({"a": b"1"})}, "'inner.csv' is another archive inside the archive"),
        ({}, "should be a zip file but is something else"),
    ],
)
def test_an_archive_that_is_no_plain_one_is_refused(server, get, tmp_path, members, words):
    server.routes["/list.zip"] = Route(zipped(members))
    with pytest.raises(FetchError, match=words.replace(".", r"\.")):
        get("/list.zip")
    assert left(tmp_path) == []


def test_a_zip_bomb_is_not_unpacked(server, get, tmp_path):
    packed = zipped({"list.csv": b"0" * 120_000_000}, compresslevel=9)
    assert len(packed) < 200_000
    server.routes["/list.zip"] = Route(packed)
    with pytest.raises(FetchError, match="unpacks to more than 100 times its size"):
        get("/list.zip")
    with pytest.raises(FetchError, match="unpacks to more than 1,000,000 bytes; raise max_unpacked"):
        get("/list.zip", max_unpacked=1_000_000)
    assert left(tmp_path) == []


def test_a_zip_bomb_that_lies_about_its_size_is_stopped(tmp_path):
    packed = bytearray(zipped({"list.csv": b"0" * 5_000_000}, compresslevel=9))
    true = (5_000_000).to_bytes(4, "little")
    assert packed.count(true) == 2
    packed = bytes(packed).replace(true, (1_000).to_bytes(4, "little"))
    (tmp_path / "lie.zip").write_bytes(packed)
    with pytest.raises(FetchError):
        unpack_one(tmp_path / "lie.zip", tmp_path / "out.csv", member="", limits=Limits(), name="x")
    assert left(tmp_path) == ["lie.zip"]


def test_a_damaged_archive_is_refused(server, get):
    packed = zipped({"list.csv": ROWS})
    server.routes["/list.zip"] = Route(packed[:200] + b"\x00" * 50 + packed[250:])
    with pytest.raises(FetchError, match="the archive is damaged"):
        get("/list.zip")
    server.routes["/list.zip"] = Route(packed[:-30], etag='"two"')
    with pytest.raises(FetchError, match="the archive is damaged"):
        get("/list.zip")


def test_the_named_member_is_taken_in_any_case(tmp_path):
    (tmp_path / "ob.zip").write_bytes(zipped({"EOB/Products.txt": b"A~B", "EOB/patent.txt": b"C"}))
    found = unpack_one(
        tmp_path / "ob.zip", tmp_path / "out.txt", member="products.txt", limits=Limits(), name="x"
    )
    assert (found, (tmp_path / "out.txt").read_bytes()) == ("EOB/Products.txt", b"A~B")


def test_a_proxy_of_the_environment_is_used(server, tmp_path, monkeypatch):
    """The proxy is our server: it sees the whole address of another host that does not exist."""
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("http_proxy", server.url(""))
    with pytest.raises(FetchError, match="404"):
        fetch("my/list", url="http://localhost:9/a.csv", folder=tmp_path, loopback=True, progress=False)
    assert server.seen[0][0] == "http://localhost:9/a.csv"


def test_progress_is_shown_when_asked(server, get, capsys):
    server.routes["/list.csv"] = Route(ROWS)
    get(progress=True)
    assert "my/list" in capsys.readouterr().err


def test_the_folder_comes_from_the_environment(server, monkeypatch, tmp_path):
    monkeypatch.setenv("COSTMODEL_STORE", str(tmp_path / "store"))
    server.routes["/list.csv"] = Route(ROWS)
    fetched = fetch("my/list", url=server.url("/list.csv"), progress=False, loopback=True)
    assert fetched.path == tmp_path / "store" / "downloads" / "my_list.csv"


def test_the_name_of_a_release_names_the_file(server, get):
    server.routes["/list.csv"] = Route(ROWS)
    assert get(release=2023).path.name == "my_list-2023.csv"


def test_releases_and_names_are_checked(tmp_path):
    with pytest.raises(CostModelError, match="did you mean 'us/nadac'"):
        fetch("us/nadak", folder=tmp_path)
    with pytest.raises(CostModelError, match="us/sdud needs a release: a year of 2019 to 2023"):
        fetch("us/sdud", folder=tmp_path)
    with pytest.raises(CostModelError, match="cannot be a release"):
        fetch("us/sdud", release="../x", folder=tmp_path)
    with pytest.raises(CostModelError, match="has no releases"):
        fetch("us/orange_book", release=2, folder=tmp_path)
    with pytest.raises(CostModelError, match="no lasting address; find the file on https://opendata"):
        fetch("gb/pca", folder=tmp_path)
    with pytest.raises(CostModelError, match="cannot be a name"):
        fetch("../x", url="https://example.org/a.csv", folder=tmp_path)


def test_every_address_of_the_catalogue_is_https_on_a_named_host():
    for row in catalogue().itertuples():
        entry = entry_of(row.name)
        example = "1" if "{release}" in entry.url else None
        assert entry.page.startswith("https://")
        assert bool(entry.release) == ("{release}" in entry.url)
        if entry.url:
            assert entry.address(example).startswith("https://")
    assert set(read_dataset("catalogue")["media"]) <= {"csv", "txt", "zip", "xlsx", "xls"}


def test_two_calls_at_once_leave_one_whole_file(server, get, tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    server.routes["/list.csv"] = Route(ROWS)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: get(), range(2)))
    assert sorted(one.new for one in found) == [False, True]
    assert (tmp_path / "my_list.csv").read_bytes() == ROWS


def test_every_file_of_the_catalogue_can_be_read_and_has_a_table_of_its_own():
    from costmodel.prices.official import LAYOUTS
    from costmodel.prices.store.importing import default_dataset

    known = {one.name: one for one in LAYOUTS}
    for row in catalogue().itertuples():
        assert default_dataset(known[row.layout]) == row.name
