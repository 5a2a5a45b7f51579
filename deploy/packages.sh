# Sourced by the other scripts: installs Debian packages that are missing, as root or through sudo.

need_packages() {
  local missing=() package as=()
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  if ! command -v apt-get >/dev/null; then
    echo "Please install what Debian calls: ${missing[*]}" >&2
    return 1
  fi
  if [ "$(id -u)" -ne 0 ]; then as=(sudo); fi
  echo "Installing ${missing[*]}"
  "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

need_swift() {
  command -v swift >/dev/null && return
  echo "Swift 6.3 or newer is needed: https://www.swift.org/install" >&2
  return 1
}

# What the programs are built from and run with.
build_packages=(ca-certificates git g++ libsqlite3-dev libzmq3-dev zlib1g-dev tzdata)
products=(tollbook-query tollbook-pricing tollbook-dedupe tollbook-ingest tollbook)
