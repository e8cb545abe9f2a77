# Everything is prepared on first use: `make run` and `make test` need Python 3.11, make and git.
PYTHON ?= python3

.PHONY: help run stop test check bench scan messages lock clean

help:
	@echo "make run       start ViVirk'R with demonstration data (PORT=8000); Ctrl-C stops it"
	@echo "make stop      stop it from another terminal"
	@echo "make test      all tests; ARGS=\"-k consent\" chooses, BROWSER=0 leaves the browser out"
	@echo "make check     lint, migrations, translations, settings for production"
	@echo "make bench     the benchmarks, on throwaway servers; ARGS=pages chooses, SIZES=40,10000 and PARTNERSHIPS=10 too"
	@echo "make scan      attack the running demonstration as each role (wapiti)"
	@echo "make messages  collect and compile the texts to translate"
	@echo "make lock      lock the Python packages anew"
	@echo "make clean     stop, then remove all that was made here, data included"

run:
	@exec $(PYTHON) -m scripts.run

stop:
	@exec $(PYTHON) -m scripts.stop

test:
	@exec $(PYTHON) -m scripts.test $(ARGS)

check:
	@exec $(PYTHON) -m scripts.check

bench:
	@for one in $(or $(ARGS),pages scale recompute); do $(PYTHON) -m scripts.servers python bench/$$one.py || exit; done

scan:
	@$(PYTHON) -m scripts.servers python -m scripts.scan

messages:
	@$(PYTHON) -m scripts.bootstrap && .venv/bin/python scripts/messages.py $(ARGS)

lock:
	@exec $(PYTHON) -m scripts.bootstrap lock

clean:
	@exec $(PYTHON) -m scripts.stop --clean
