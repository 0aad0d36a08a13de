# Sourced by the other scripts: `as_root COMMAND…` runs it as it is for root, through sudo for others.

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "Cannot run \"$1\" as root: you are $(id -un) and sudo is not installed, run this script as root" >&2
    return 1
  fi
}
