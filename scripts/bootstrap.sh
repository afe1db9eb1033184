# shellcheck shell=bash
# Sourced by scripts/up and scripts/test: installs the packages of the lock file where they are missing or
# out of date, and puts a Node 24 first in PATH. Needs bash, Node 20 or later and npm. Says nothing when
# there is nothing to do; ends the calling script with one sentence when something is missing.

bootstrap_install_lines='Debian 13 and later: sudo apt-get install nodejs npm; Fedora: sudo dnf install nodejs; macOS: brew install node@24'
bootstrap_disk_needed_mb=1000

bootstrap_fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# Prints the major version of a node executable, or 0 where it does not run.
bootstrap_node_major() {
  local version
  version=$("$1" --version 2>/dev/null) || version=v0
  version=${version#v}
  printf '%s\n' "${version%%.*}"
}

bootstrap_hash() {
  if command -v sha256sum >/dev/null; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi
}

# True when the packages were installed from this lock file: by this script, which leaves the file's hash,
# or by npm itself, which writes its own copy after every installation.
bootstrap_is_installed() {
  local root=$1 stamp=$1/node_modules/.rowlock-lock-hash
  [[ -f $root/node_modules/.package-lock.json ]] || return 1
  [[ -f $stamp && $(<"$stamp") == "$(bootstrap_hash "$root/package-lock.json")" ]] && return 0
  [[ ! $root/package-lock.json -nt $root/node_modules/.package-lock.json ]]
}

# Waits while another script installs into the same clone; fails when that takes too long.
bootstrap_lock() {
  local lock=$1 owner waited=0
  until mkdir "$lock" 2>/dev/null; do
    owner=$(cat "$lock/pid" 2>/dev/null || true)
    if [[ -n $owner ]] && ! kill -0 "$owner" 2>/dev/null; then
      rm -rf "$lock"
      continue
    fi
    ((waited == 0)) && printf 'Waiting for another script that installs the packages (pid %s)\n' "${owner:-unknown}"
    ((waited += 1))
    ((waited > 600)) && bootstrap_fail "Another script has been installing the packages for 10 minutes: remove $lock if there is none."
    sleep 1
  done
  printf '%s\n' $$ >"$lock/pid"
}

bootstrap_npm_ci() {
  local root=$1 log=$1/.local/logs/npm-ci.log free_mb ticker='' started=$SECONDS
  command -v npm >/dev/null || bootstrap_fail "npm is missing. $bootstrap_install_lines"
  free_mb=$(df -Pk "$root" | awk 'NR == 2 { print int($4 / 1024) }')
  if ((free_mb < bootstrap_disk_needed_mb)); then
    bootstrap_fail "The disk of $root has $free_mb MB left and the packages need $bootstrap_disk_needed_mb MB: free some space and try again."
  fi
  printf 'Installing packages (npm ci, once)\n'
  if [[ -t 1 ]]; then
    # Ends by itself when this script is gone: a background job does not see Ctrl-C.
    (while kill -0 $$ 2>/dev/null; do printf '\r  %d s ' $((SECONDS - started)) && sleep 1; done) &
    ticker=$!
  fi
  local failed=0
  (cd "$root" && npm ci --no-audit --no-fund --loglevel=error) >"$log" 2>&1 || failed=1
  if [[ -n $ticker ]]; then
    kill "$ticker" 2>/dev/null || true
    wait "$ticker" 2>/dev/null || true
    printf '\r'
  fi
  if ((failed)); then
    grep -q ENOSPC "$log" && bootstrap_fail "The disk of $root is full: free at least $bootstrap_disk_needed_mb MB and try again."
    tail -n 5 "$log" >&2
    bootstrap_fail "npm ci failed; the whole output is in $log"
  fi
  bootstrap_hash "$root/package-lock.json" >"$root/node_modules/.rowlock-lock-hash"
  printf '  packages installed in %d s\n' $((SECONDS - started))
}

bootstrap() {
  local root=$1 system_node major
  system_node=$(command -v node) || bootstrap_fail "Node.js is missing. $bootstrap_install_lines"
  [[ $system_node == /* ]] || system_node=$PWD/$system_node
  major=$(bootstrap_node_major "$system_node")
  ((major >= 20)) || bootstrap_fail "Node.js 20 or later is needed and $system_node is version $major. $bootstrap_install_lines"

  mkdir -p "$root/.local/logs" "$root/.local/bin" 2>/dev/null || bootstrap_fail "$root/.local cannot be written: check its owner and the space left on the disk."
  if ! bootstrap_is_installed "$root"; then
    bootstrap_lock "$root/.local/bootstrap.lock"
    bootstrap_is_installed "$root" || (bootstrap_npm_ci "$root") || {
      rm -rf "$root/.local/bootstrap.lock"
      exit 1
    }
    rm -rf "$root/.local/bootstrap.lock"
  fi

  # The system's node where it is new enough, else the one that npm brought.
  if ((major >= 24)); then
    # It may be this very link, where the calling script's PATH comes from an earlier call.
    [[ $system_node == "$root/.local/bin/node" ]] || ln -sfn "$system_node" "$root/.local/bin/node"
  else
    rm -f "$root/.local/bin/node"
    major=$(bootstrap_node_major "$root/node_modules/.bin/node")
    ((major >= 24)) || bootstrap_fail "Node.js 24 or later is needed here and $system_node is older. $bootstrap_install_lines"
  fi
  export PATH="$root/.local/bin:$root/node_modules/.bin:$PATH"
}

bootstrap "$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
