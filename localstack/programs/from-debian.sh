#!/usr/bin/env bash
# Sourced by localstack/mysql/mysql-from-debian and localstack/redis/redis-from-debian. Unpacks a server of another Debian suite
# into the cache, where its own dynamic loader runs it with all of its libraries, the C library included. It needs
# no root and no chroot, and nothing on the machine changes.
#
# The caller sets:
#   label    the server's name in messages
#   suite    Debian suite, such as bullseye
#   package  the package with the server
#   unused   packages that the server never uses, as an extended regular expression
#   unopened folders of the packages that the server never opens
#   folder   where the server goes in the cache, without the architecture
#   program  name of the wrapper; `write_wrapper` writes it to standard output
# and calls `server_from_debian "$@"`, which prints the wrapper's path.
#
# Cache: ROWLOCK_CACHE_DIR, else .local/cache in this clone. A second call answers from the cache at once.
# Exit code 3, with one sentence on standard error, where the server cannot be had on this machine.
set -euo pipefail
: "${label:?}" "${suite:?}" "${package:?}" "${unused:?}" "${unopened[*]:?}" "${folder:?}" "${program:?}"

repository_dir=$(unset CDPATH && cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache_dir=${ROWLOCK_CACHE_DIR:-$repository_dir/.local/cache}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

unobtainable() {
  echo "$label: not obtainable: $1" >&2
  exit 3
}

progress() { echo "$label: $1" >&2; }

# The mirror that this machine uses for Debian itself, without the security archive.
debian_mirror() {
  local mirror
  # shellcheck disable=SC2016 # apt expands it
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' |
    head -n 1)
  if [[ -z $mirror ]] && grep -qx 'ID=debian' /etc/os-release; then
    # Before the first apt-get update apt knows no origins; then the sources have to do.
    mirror=$(find /etc/apt/sources.list /etc/apt/sources.list.d -type f -exec grep -hv '^#' {} + 2>/dev/null |
      grep -oE 'https?://[^[:space:]]+/debian/?([[:space:]]|$)' | head -n 1 | tr -d '[:space:]')
  fi
  echo "$mirror"
}

# The private apt configuration: lists, cache and an empty status file of its own, so that dependencies
# resolve completely and the machine's packages and lists stay as they are. The machine's own mirror, proxy
# and its word on how old a signed list may be (mirrors that stand still) are taken over; its hooks are not.
write_apt_configuration() {
  local dir=$1 mirror machine_settings
  mirror=$(debian_mirror)
  [[ -n $mirror ]] || unobtainable 'apt has no source of Debian packages on this machine.'
  machine_settings=$(apt-config dump |
    grep -E '^Acquire::(http|https|Check-Valid-Until|Check-Date)(::|[[:space:]])' || true)
  mkdir -p "$dir/state/lists/partial" "$dir/cache/archives/partial" "$dir/parts"
  : >"$dir/state/status"
  : >"$dir/main.conf"
  # The lists carry a signature; apt refuses them, and this script ends, if it does not verify.
  echo "deb [signed-by=$keyring] $mirror $suite main" >"$dir/sources.list"
  cat >"$dir/apt.conf" <<CONFIGURATION
Dir::State "$dir/state";
Dir::State::status "$dir/state/status";
Dir::Cache "$dir/cache";
Dir::Etc::parts "$dir/parts";
Dir::Etc::main "$dir/main.conf";
Dir::Etc::sourcelist "$dir/sources.list";
Dir::Etc::sourceparts "$dir/parts";
Dir::Etc::preferences "$dir/main.conf";
Dir::Etc::preferencesparts "$dir/parts";
APT::Sandbox::User "";
APT::Install-Recommends "false";
APT::Get::AllowUnauthenticated "false";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::Retries "2";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
$machine_settings
CONFIGURATION
}

# Dependencies of the packages' scripts stay out: nothing is installed.
download_packages() {
  local dir=$1 names
  export APT_CONFIG=$dir/apt.conf
  progress "reading the signed package lists of Debian $suite"
  apt-get -q update >"$dir/update.log" 2>&1 ||
    unobtainable "Debian $suite's lists could not be read: $(grep -m 1 '^[EW]:' "$dir/update.log")"
  names=$(apt-get -s -q -y install "$package" 2>"$dir/resolve.log" |
    awk -v unused="^($unused)" '$1 == "Inst" && $2 !~ unused { print $2 }') ||
    unobtainable "apt cannot resolve $package: $(grep -m 1 '^[EW]:' "$dir/resolve.log")"
  [[ -n $names ]] || unobtainable "Debian $suite has no $package for $(dpkg --print-architecture)."
  progress "downloading $package and its $(($(wc -l <<<"$names") - 1)) libraries"
  mkdir "$dir/packages"
  # shellcheck disable=SC2086 # one package name a word
  (cd "$dir/packages" && apt-get -q download $names) >"$dir/download.log" 2>&1 ||
    unobtainable "the packages could not be downloaded: $(grep -m 1 '^[EW]:' "$dir/download.log")"
}

# Removes what no server opens: of 270 MB of MySQL 170 are kept.
unpack_packages() {
  local dir=$1 package
  mkdir "$dir/tree"
  for package in "$dir"/packages/*.deb; do
    dpkg-deb -x "$package" "$dir/tree"
  done
  (cd "$dir/tree" && rm -rf etc var "${unopened[@]}" usr/include usr/share/{doc,man,locale,lintian,bug,info} \
    usr/lib/*-linux-gnu*/{gconv,perl,perl5,perl-base,krb5,sasl2,ossl-modules})
}

runs() { [[ -x $1 ]] && "$1" --version >/dev/null 2>&1; }

server_from_debian() {
  local target work version refresh=no
  case ${1:-} in
    '') ;;
    --refresh) refresh=yes ;;
    *)
      sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"
      if [[ $1 == --help ]]; then exit 0; else exit 2; fi
      ;;
  esac
  for tool in apt-get apt-config dpkg dpkg-deb; do
    command -v "$tool" >/dev/null || unobtainable "this way needs Debian's package tools, and $tool is missing."
  done
  [[ -r $keyring ]] || unobtainable "$keyring is missing (package debian-archive-keyring)."

  target=$cache_dir/$folder-$(dpkg --print-architecture)
  if [[ $refresh == no ]] && runs "$target/bin/$program"; then
    echo "$target/bin/$program"
    return
  fi

  mkdir -p "$cache_dir" || unobtainable "$cache_dir cannot be made."
  work=$(mktemp -d "$cache_dir/$folder.XXXXXX")
  # shellcheck disable=SC2064 # the directory of this run
  trap "rm -rf '$work'" EXIT
  chmod 755 "$work"
  write_apt_configuration "$work"
  download_packages "$work"
  unpack_packages "$work"
  mkdir "$work/bin"
  write_wrapper >"$work/bin/$program"
  chmod +x "$work/bin/$program"
  version=$("$work/bin/$program" --version 2>&1) || unobtainable "the unpacked server does not run: $version"
  # Complete before it gets its name, so that two runs at once both end with a whole server.
  rm -rf "$work"/{state,cache,packages,parts,*.conf,*.log,sources.list}
  if [[ $refresh == yes ]] || ! runs "$target/bin/$program"; then rm -rf "$target"; fi
  mv -T "$work" "$target" 2>/dev/null || true
  [[ -x $target/bin/$program ]] || unobtainable "$target could not be written."
  progress "${version##* Ver } in $target"
  echo "$target/bin/$program"
}
