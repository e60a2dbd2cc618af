#!/bin/sh
# Print which Python makes the environment: the one that is named, else that of the environment that is there, else the
# newest on PATH that suits. Where none does, one sentence says what was found and what is wanted, and the exit code is 2.
#   tools/choose_python.sh [NAME]
versions="3.14 3.13 3.12 3.11"
# Written for any Python, so that it runs in an old one. `abiflags` tells one without the global lock, for which most
# packages have no wheel; without `ensurepip`, which Debian has in a package of its own, `python -m venv` fails.
state='
import sys
version = "%d.%d" % sys.version_info[:2] + getattr(sys, "abiflags", "")
try:
    import ensurepip, venv
except ImportError:
    version += " without venv"
print(version)
'
named=$1
[ -n "$named" ] || set -- .venv/bin/python $(printf 'python%s ' $versions) python3
# With the environment entered, `python3` is the environment's.
PATH=$(echo "$PATH" | tr : '\n' | grep -vxF "$PWD/.venv/bin" | paste -sd : -)
for name; do
  command -v "$name" > /dev/null || continue
  version=$("$name" -c "$state" 2> /dev/null) || version="does not run"
  case " $versions " in *" $version "*) command -v "$name"; exit ;; esac
  seen="$seen${seen:+, }$name ($version)"
done
echo "${named:+PYTHON=$named: }Python ${versions##* } to ${versions%% *} with its module venv (Debian: python3-venv)" \
  "is needed, found ${seen:-none}" >&2
exit 2
