"""What `make run` and `make test` stand on: folders, ports, processes, stamps, locks."""

import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from scripts import bootstrap, processes, run, servers
from vivirkr import keys
from vivirkr.demo.people import PASSWORD, SIGN_INS

ROOT = bootstrap.ROOT
SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def wait_until(true, seconds=10):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def process():
    """Call to start a process that only sleeps; it is ended afterwards."""
    started = []

    def start(**kwargs):
        started.append(subprocess.Popen(SLEEP, **kwargs))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.wait()


def test_accounts_announced_are_those_of_the_demonstration():
    assert set(run.PEOPLE) == set(SIGN_INS)
    assert run.PASSWORD == PASSWORD


class TestPort:
    def test_free_one_is_kept(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        assert run.free_port(port) == port

    @pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104
    def test_taken_one_moves_on(self, host):
        with socket.socket() as taken:
            taken.bind((host, 0))
            taken.listen()
            port = taken.getsockname()[1]
            assert port < run.free_port(port) < port + 100


class TestSecret:
    def test_is_for_our_eyes_only_and_stays(self, tmp_path):
        path = tmp_path / "secret-key"
        first = run.secret(path)
        assert len(first) >= 50
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert run.secret(path) == first

    def test_may_be_a_key_that_the_settings_take(self, tmp_path):
        path = tmp_path / "index-key"
        first = run.secret(path, servers.encryption_key)
        assert len(keys.key(first)) == 32
        assert run.secret(path, servers.encryption_key) == first


class TestFolder:
    def test_has_one_holder(self, tmp_path):
        assert servers.holder(tmp_path) is None
        with servers.held(tmp_path):
            assert servers.holder(tmp_path) == os.getpid()
            with pytest.raises(servers.Busy, match=str(os.getpid())), servers.held(tmp_path):
                pass
        assert servers.holder(tmp_path) is None

    def test_is_free_when_its_holder_was_killed(self, tmp_path):
        hold = "import sys, time; from pathlib import Path; from scripts import servers\n"
        hold += "with servers.held(Path(sys.argv[1])): time.sleep(60)"
        with subprocess.Popen([sys.executable, "-c", hold, tmp_path], cwd=ROOT) as holder:
            wait_until(lambda: servers.holder(tmp_path) == holder.pid)
            holder.kill()
        assert servers.holder(tmp_path) is None

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers change account")
    def test_closed_to_the_servers_account_has_a_stand_in(self):
        with tempfile.TemporaryDirectory() as parent:  # open to its owner only
            wanted = Path(parent) / "run"
            given = servers.within_reach(wanted)
            try:
                assert given != wanted
                assert servers.reachable(given / "data")
                assert servers.within_reach(wanted) == given
            finally:
                given.parent.rmdir()

    def test_socket_fits_where_the_path_is_long(self, tmp_path):
        folder = tmp_path / ("long" * 30)
        folder.mkdir()
        with servers._socket_folder(folder, ".s.PGSQL.5432") as sockets:
            assert len(os.fsencode(sockets / ".s.PGSQL.5432")) <= servers.SOCKET_PATH_LIMIT
            assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert not sockets.exists()

    def test_socket_is_in_the_folder_where_it_fits(self):
        with (
            tempfile.TemporaryDirectory() as folder,
            servers._socket_folder(Path(folder), "redis") as sockets,
        ):
            assert sockets == Path(folder) / "sockets"


class TestProcesses:
    def test_left_over_one_is_found_by_its_mark_and_ended(self, tmp_path, process):
        left = process(env={**os.environ, processes.MARK: str(tmp_path)})
        other = process(env={**os.environ, processes.MARK: f"{tmp_path}-other"})
        wait_until(lambda: processes.marked(tmp_path))
        assert processes.leftovers(tmp_path) == [left.pid]
        processes.stop([left.pid])
        assert left.poll() == -signal.SIGTERM
        assert other.poll() is None

    def test_somebody_who_only_looks_into_the_folder_is_left_alone(self, tmp_path, process):
        process(cwd=tmp_path)
        assert processes.leftovers(tmp_path) == []

    def test_one_that_does_not_listen_is_killed(self, process):
        deaf = process(preexec_fn=lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN))
        processes.stop([deaf.pid], seconds=0.2)
        assert deaf.wait(5) == -signal.SIGKILL

    def test_zombie_counts_as_dead(self, process):
        zombie = process()
        zombie.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
        assert Path(f"/proc/{zombie.pid}").exists()
        assert not processes.is_alive(zombie.pid)

    def test_child_dies_with_its_parent(self):
        parent = "import subprocess, sys, signal; from scripts import processes\n"
        parent += "child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL,"
        parent += " preexec_fn=processes.die_with_parent(signal.SIGTERM))\n"
        parent += "print(child.pid, flush=True); child.wait()"
        with subprocess.Popen(
            [sys.executable, "-c", parent, *SLEEP], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as process:
            child = int(process.stdout.readline())
            assert processes.is_alive(child)
            process.kill()
        wait_until(lambda: not processes.is_alive(child))


class TestStamp:
    def test_work_is_done_once_and_again_after_a_change(self, tmp_path, monkeypatch):
        monkeypatch.setattr(bootstrap, "LOCAL", tmp_path)
        source = tmp_path / "source"
        source.write_text("one")
        seen = []
        for text in ("one", "one", "two"):
            source.write_text(text)
            with bootstrap.unless_unchanged("work", [source]) as todo:
                seen.append(todo)
        assert seen == [True, False, True]

    def test_work_that_failed_is_done_again(self, tmp_path, monkeypatch):
        monkeypatch.setattr(bootstrap, "LOCAL", tmp_path)
        with pytest.raises(OSError, match="full"), bootstrap.unless_unchanged("work", []):
            raise OSError("disk full")
        with bootstrap.unless_unchanged("work", []) as todo:
            assert todo


class TestLocks:
    @pytest.mark.parametrize("name", bootstrap.LOCKS)
    def test_name_no_registry_and_no_path(self, name):
        text = (ROOT / name).read_text()
        for forbidden in ("://", "index-url", "find-links", "file:", ROOT.as_posix()):
            assert forbidden not in text

    @pytest.mark.parametrize("name", bootstrap.LOCKS)
    def test_every_package_has_hashes(self, name):
        packages = self.packages(name)
        assert packages
        assert all(line.endswith("\\") for line in packages)

    def test_production_runs_what_was_tested(self):
        tested = set(self.packages("requirements-dev.txt"))
        assert set(self.packages("requirements.txt")) <= tested

    def packages(self, name):
        lines = (ROOT / name).read_text().splitlines()
        return [line for line in lines if not line.startswith((" ", "#"))]
