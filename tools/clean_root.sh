#!/usr/bin/env bash
# Run `make all` on this checkout in a clean root: Debian testing with its newest Python and make, and nothing that was
# installed here by hand. By hand and as root, not in CI: it needs debootstrap, 8 GB and a quarter of an hour.
#   tools/clean_root.sh FOLDER [PACKAGE ...]
# FOLDER is made, and is yours to delete; PACKAGES are installed besides: `gcc python3-dev`, say.
set -euo pipefail
[ $# -ge 1 ] && [ ! -e "$1" ] || { echo "usage: tools/clean_root.sh FOLDER [PACKAGE ...]; FOLDER is new" >&2; exit 2; }
root=$(realpath -m "$1")
cd "$(dirname "$0")/.."
packages=$(IFS=,; shift; echo "ca-certificates,make,python3-venv${*:+,$*}")
# Packages come from where this machine has them from, with its proxies, indexes and certificates.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | sed -n 1p)
debootstrap --variant=minbase --include="$packages" testing "$root" "$mirror"
for path in /etc/{apt/{apt,auth}.conf{,.d},hosts,pip.conf,resolv.conf,ssl/certs,uv,xdg/{pip,uv}} ~/.config/{pip,uv}; do
  [ ! -e "$path" ] || cp -rL --parents --remove-destination "$path" "$root"
done
mapfile -d '' settings < <(env -0 | grep -zE '^(PIP_|UV_|SSL_CERT_|REQUESTS_CA_|CURL_CA_|[A-Za-z]+_(proxy|PROXY)=)')
mkdir "$root/ineq"
git ls-files -z --cached --others --exclude-standard | tar -c --null -T - | tar -x -C "$root/ineq"
# The mounts end with the command.
status=0
unshare --mount bash -ec 'mount -t proc proc "$0/proc"; mount --rbind /dev "$0/dev"; exec chroot "$0" "$@"' "$root" \
  env -i HOME="$HOME" PATH=/usr/sbin:/usr/bin:/sbin:/bin "${settings[@]}" \
  sh -c 'cd /ineq && python3 --version && make all' || status=$?
echo "make all in a clean root ended with $status"
exit "$status"
