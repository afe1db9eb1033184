# shellcheck shell=bash
# Sourced by scripts/up, test and run: installs the packages of the lock file where they are missing or
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

# Tells whether a node executable runs the app: Node 24 with Argon2, which 24.7 brought and which builds on an
# older OpenSSL leave out.
bootstrap_runs_app() {
  "$1" -e 'const terms = { message: "", nonce: Buffer.alloc(16), parallelism: 1, tagLength: 4, memory: 8, passes: 1 };
    require("node:crypto").argon2Sync("argon2id", terms);' >/dev/null 2>&1
}

# Removes from the environment what the caller's shell holds for other programs: accounts of AWS, settings of
# npm, pip, git and Node, language and time zone. Keeps the settings of the network (proxies, certificates,
# registries), because downloads need them. Loopback bypasses every proxy. An empty variable counts as unset.
bootstrap_environment() {
  local root=$1 name direct
  shopt -s nocasematch
  for name in $(compgen -e); do
    [[ -n ${!name} ]] || { unset "$name" && continue; }
    case $name in
      AWS_ENDPOINT_URL | AWS_REGION) ;;
      NODE_COMPILE_CACHE | NODE_EXTRA_CA_CERTS | NODE_USE_SYSTEM_CA | NODE_V8_COVERAGE) ;;
      npm_config_registry | npm_config_*proxy | npm_config_ca | npm_config_cafile | npm_config_cert) ;;
      npm_config_key | npm_config_strict_ssl | npm_config_fetch_* | npm_config_*offline) ;;
      npm_config_cache | npm_config_userconfig | npm_config_globalconfig) ;;
      AWS_* | CDK_* | JSII_* | NODE_* | npm_* | MOCHA_* | MYSQL_* | MARIADB_*) unset "$name" ;;
      GIT_DIR | GIT_WORK_TREE | GIT_INDEX_FILE | GIT_COMMON_DIR | GIT_OBJECT_DIRECTORY | GIT_PREFIX) unset "$name" ;;
      PYTHONHOME | PYTHONPATH | PIP_TARGET | PIP_PREFIX | PIP_USER | PIP_ROOT | PIP_REQUIRE_VIRTUALENV) unset "$name" ;;
      BASH_ENV | ENV | CDPATH | GREP_OPTIONS | TAR_OPTIONS | POSIXLY_CORRECT | DEBUG | FORCE_COLOR) unset "$name" ;;
      LANG | LANGUAGE | LC_* | TZ) unset "$name" ;;
      TMPDIR) [[ -d $TMPDIR && -w $TMPDIR ]] || unset TMPDIR ;;
    esac
  done
  shopt -u nocasematch
  # A region belongs to the server that AWS_ENDPOINT_URL names; the shop's own server has a fixed one.
  [[ -n ${AWS_ENDPOINT_URL:-} ]] || unset AWS_REGION
  export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true
  export TZ=UTC
  direct=${no_proxy:-${NO_PROXY:-}}
  export NO_PROXY="127.0.0.1,localhost,::1${direct:+,$direct}"
  export no_proxy=$NO_PROXY
  [[ -n ${HOME:-} && -d $HOME && -w $HOME ]] || bootstrap_home "$root"
}

# Gives tools a home that they can write to, and keeps the registry that the user's own .npmrc names.
bootstrap_home() {
  local root=$1
  if [[ -r ${HOME:-}/.npmrc ]]; then export npm_config_userconfig=${npm_config_userconfig:-$HOME/.npmrc}; fi
  export HOME=$root/.local/home
  mkdir -p "$HOME" 2>/dev/null || true
}

# Prints the locked packages that are not installed, however node_modules came about.
bootstrap_missing() {
  node "$1/scripts/missing-packages.mjs" "$1"
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
    # Ends with this script: a background job does not receive Ctrl-C.
    (while kill -0 $$ 2>/dev/null; do printf '\r  %d s ' $((SECONDS - started)) && sleep 1; done) &
    ticker=$!
  fi
  local failed=0 missing
  # Options override the user's .npmrc. No package here needs its install scripts.
  (cd "$root" && npm ci --no-audit --no-fund --loglevel=error --ignore-scripts --include=prod --include=dev \
    --include=optional --include=peer --location=project --no-global --no-dry-run --package-lock \
    --no-package-lock-only --install-strategy=hoisted --bin-links --no-workspaces) >"$log" 2>&1 || failed=1
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
  missing=$(bootstrap_missing "$root")
  [[ -z $missing ]] || bootstrap_fail "npm ci left out $(wc -l <<<"$missing") packages that are needed here, the first is ${missing%%$'\n'*}: look for the cause in npm's settings (npm config ls)."
  printf '  packages installed in %d s\n' $((SECONDS - started))
}

bootstrap() {
  local root=$1 system_node major
  bootstrap_environment "$root"
  system_node=$(command -v node) || bootstrap_fail "Node.js is missing. $bootstrap_install_lines"
  [[ $system_node == /* ]] || system_node=$PWD/$system_node
  major=$(bootstrap_node_major "$system_node")
  ((major >= 20)) || bootstrap_fail "Node.js 20 or later is needed and $system_node is version $major. $bootstrap_install_lines"

  mkdir -p "$root/.local/logs" "$root/.local/bin" 2>/dev/null || bootstrap_fail "$root/.local cannot be written: check its owner and the space left on the disk."
  if [[ -n $(bootstrap_missing "$root") ]]; then
    bootstrap_lock "$root/.local/bootstrap.lock"
    [[ -z $(bootstrap_missing "$root") ]] || (bootstrap_npm_ci "$root") || {
      rm -rf "$root/.local/bootstrap.lock"
      exit 1
    }
    rm -rf "$root/.local/bootstrap.lock"
  fi

  # The system's node where it is new enough, else the one that npm brought.
  if bootstrap_runs_app "$system_node"; then
    # It may be this very link, where the calling script's PATH comes from an earlier call.
    [[ $system_node == "$root/.local/bin/node" ]] || ln -sfn "$system_node" "$root/.local/bin/node"
  else
    rm -f "$root/.local/bin/node"
    bootstrap_runs_app "$root/node_modules/.bin/node" || bootstrap_fail "Node.js 24.7 or later is needed here and $system_node is older. $bootstrap_install_lines"
  fi
  export PATH="$root/.local/bin:$root/node_modules/.bin:$PATH"
}

bootstrap "$(unset CDPATH && cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
