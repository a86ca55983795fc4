# What script/install and script/upgrade share. An installation NAME has its releases in /opt/NAME, what is stored in
# /var/lib/NAME, and its configuration in /etc/NAME. The files of deploy/ are written for one that is named tracker.
# shellcheck shell=bash

# The account of the site reads the code, whatever root's own files are like.
umask 022

stop() {
  printf '%s\n' "$@" >&2
  exit 1
}

# Sets where everything of the installation $1 is.
name_all() {
  name=$1
  [[ $name =~ ^[a-z][a-z0-9]{0,19}$ ]] || stop "A name is small letters and digits, such as housing, not '$name'."
  # The tests have a root of their own.
  root=${TRACKER_ROOT-}
  home=$root/opt/$name data=$root/var/lib/$name settings=$root/etc/$name
  environment=$settings/environment
}

# The value of a variable in the environment file.
configured() {
  # shellcheck source=/dev/null
  (. "$environment" && printf '%s' "${!1-}")
}

has_systemd() {
  [ -d /run/systemd/system ]
}

# Writes standard input to a file, if that changes it: says so then, and answers 0.
put() {
  local file=$1 mode=$2 new
  new=$(mktemp)
  cat >"$new"
  if cmp -s "$new" "$file" && [ "$(stat -c %a "$file")" = "$mode" ]; then
    rm "$new"
    return 1
  fi
  # Whole or not at all, and never open to others.
  mv "$new" "$file.new"
  chmod "$mode" "$file.new"
  mv "$file.new" "$file"
  echo "  $file"
}

# A file of deploy/ in this installation's words.
in_our_words() {
  local host zone port
  host=$(configured ALLOWED_HOSTS) zone=$(configured TIME_ZONE) port=$(configured SERVE_OPTIONS)
  host=${host%%,*} port=${port#*--port } port=${port%% *}
  # The host last: its own name may have the word in it.
  sed -e "s/tracker\.example\.org/@HOST@/g" -e "s/\btracker\([-_ .:;/]\|\$\)/$name\1/g" -e "s/@HOST@/$host/g" \
    -e "s#America/Toronto#$zone#g" -e "s/127\.0\.0\.1:8000/127.0.0.1:$port/g" "$1"
}

# The name of the installation whose release the folder $1 is; nothing where it is none.
name_of() {
  local releases
  releases=$(dirname "$(readlink -f "$1")")
  [ "${releases##*/}" != releases ] || basename "$(dirname "$releases")"
}

# Makes a release of the code at $1 (a clone at the commit $2, or a folder), and names its folder in `release`. Nothing
# that runs notices. One that was left half-made has no file `made`, and is removed.
make_release() {
  local source=$1 commit=${2-} half
  mkdir -p "$home/releases"
  for half in "$home"/releases/*/; do
    [ ! -d "$half" ] || [ -f "$half/made" ] || rm -rf "$half"
  done
  release=$(mktemp -d "$home/releases/$(date -u +%Y%m%d-%H%M%S)-XXXXXX")
  chmod 755 "$release"
  if [ -n "$commit" ]; then
    git -c "safe.directory=*" -C "$source" archive "$commit" | tar -x -C "$release"
  else
    tar -c -C "$source" --exclude=./.git --exclude=./.venv --exclude=./var --exclude=./staticfiles \
      --exclude=./releases --exclude=./current . | tar -x --no-same-owner -C "$release"
  fi
  "$release/script/build"
  rm -rf "${release:?}/var"
  ln -s "$data" "$release/var"
  chown -R root:root "$release"
  chmod -R go-w "$release"
  printf '%s\n' "${commit:-$source}" >"$release/made"
}

# Puts the units of the release $1 in place, and takes away those that only another release had.
put_units() {
  local file unit target=$root/etc/systemd/system changed="" wanted=" "
  mkdir -p "$target/$name-.service.d"
  if in_our_words "$1/deploy/units/tracker-.service.d/hardening.conf" |
    put "$target/$name-.service.d/hardening.conf" 644; then changed=yes; fi
  for file in "$1"/deploy/units/*.{service,timer}; do
    unit=$name-${file##*/tracker-}
    wanted+="$unit "
    if in_our_words "$file" | put "$target/$unit" 644; then changed=yes; fi
  done
  for file in "$target/$name"-*.{service,timer}; do
    unit=${file##*/}
    if [ -f "$file" ] && [[ $wanted != *" $unit "* ]]; then
      systemctl disable --quiet "$unit" || true
      ! has_systemd || systemctl stop "$unit" || true
      rm "$file"
      changed=yes
    fi
  done
  for unit in $wanted; do
    case $unit in *@*) ;; *) systemctl is-enabled --quiet "$unit" 2>/dev/null || systemctl enable --quiet "$unit" ;; esac
  done
  if [ -n "$changed" ] && has_systemd; then systemctl daemon-reload; fi
}

# Lets `current` lead to the release $1, at once and whole.
switch_to() {
  ln -sfn "$1" "$home/current.new"
  mv -T "$home/current.new" "$home/current"
}

# Whether /healthz says that all is well, within a minute.
is_healthy() {
  "$home/current/.venv/bin/python" - "$(configured ALLOWED_HOSTS)" "$(configured SERVE_OPTIONS)" <<'PYTHON'
import sys, time, urllib.request

host = sys.argv[1].split(",")[0].lstrip(".")
options = sys.argv[2].split()
address = f"http://127.0.0.1:{options[options.index('--port') + 1]}/healthz"
for _second in range(60):
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers={"Host": host}), timeout=5) as answer:
            sys.exit(answer.status != 200)
    except OSError:
        time.sleep(1)
sys.exit(1)
PYTHON
}

# Puts the release's configuration of nginx in place, unless somebody changed the one that is there.
put_proxy() {
  local shipped=$settings/nginx.conf site=$root/etc/nginx/sites-available/$name link=$root/etc/nginx/sites-enabled/$name
  local host live tls=$settings/tls words=()
  host=$(configured ALLOWED_HOSTS) host=${host%%,*}
  live=/etc/letsencrypt/live/$host
  [ ! -f "$root$live/fullchain.pem" ] || tls=$live
  # The second one where this was killed on its way.
  if [ -f "$site" ] && ! cmp -s "$site" "$shipped" && ! cmp -s "$site" "$shipped.before"; then
    echo "  $site stays as somebody changed it; $home/current/deploy/nginx.conf is what would stand there."
  else
    write_proxy
  fi
  if has_systemd; then
    systemctl enable --quiet nginx
    systemctl is-active --quiet nginx || systemctl start nginx
  fi
}

# What nginx doesn't take it never gets; it goes on with what it had.
write_proxy() {
  # The words that newer ones warn of are the only ones that older ones know.
  if dpkg --compare-versions "$(nginx -v 2>&1 | sed 's#.*/##; s/ .*//')" ge 1.25.1; then
    words=(-e "s/ ssl http2;/ ssl;/" -e "s/^    ssl_protocols /    http2 on;\n&/")
  fi
  if [ -f "$shipped" ] && cmp -s "$site" "$shipped"; then cp "$shipped" "$shipped.before"; fi
  in_our_words "$home/current/deploy/nginx.conf" | sed -e "s#$live/#$tls/#" "${words[@]}" | put "$shipped" 644 || true
  if ! cmp -s "$site" "$shipped"; then
    mkdir -p "$root/var/cache/nginx"
    cp "$shipped" "$site"
    ln -sfn "$site" "$link"
    # Debian's own site logs visitors' addresses.
    rm -f "$root/etc/nginx/sites-enabled/default"
    if ! nginx -q -t; then
      if [ -f "$shipped.before" ]; then
        cp "$shipped.before" "$site"
        mv "$shipped.before" "$shipped"
      else
        rm "$link" "$site" "$shipped"
      fi
      echo "nginx doesn't take $home/current/deploy/nginx.conf, for the reason above. It goes on with what it had." >&2
      return 1
    elif has_systemd; then
      systemctl reload-or-restart nginx
    fi
  fi
  rm -f "$shipped.before"
}

start_timers() {
  local timer
  for timer in "$home"/current/deploy/units/*.timer; do
    timer=$name-${timer##*/tracker-}
    systemctl is-active --quiet "$timer" || systemctl start "$timer"
  done
}

# Where the site doesn't answer it says why, and fails.
start_site() {
  systemctl restart "$name-web.service"
  start_timers
  if ! is_healthy; then
    journalctl --no-pager --quiet --output cat --lines 5 --unit "$name-web.service" >&2
    echo "The site doesn't answer. Its last words are above; journalctl -u $name-web has the rest." >&2
    return 1
  fi
}

stop_site() {
  systemctl stop "$name-*.timer" "$name-web.service"
  # One that is at work ends as if the power had failed: it does all or nothing.
  systemctl stop "$name-job@*.service" "$name-backup*.service"
}
