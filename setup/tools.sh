# shellcheck shell=bash disable=SC2154 # $distro and $sourced come from environment.sh
# Sourced by ./reverie: finds the programs that the environment and the build need, or says how to install them.
#
# need_tools CHECK... runs the checks below and, where anything is missing, ends with all of it and one command.

need_tools() {
  local problems=() debian=() fedora=() check line
  for check in "$@"; do "check_$check"; done
  ((${#problems[@]})) || return 0
  for line in "${problems[@]}"; do say "missing: $line"; done
  if command -v apt-get >/dev/null; then
    say "install with: sudo apt-get install ${debian[*]}"
  elif command -v dnf >/dev/null; then
    say "install with: sudo dnf install ${fedora[*]}"
  else
    say "Debian and Ubuntu call these packages: ${debian[*]}"
  fi
  exit 1
}

# lacks PROBLEM PACKAGES_OF_DEBIAN PACKAGES_OF_FEDORA
lacks() {
  problems+=("$1")
  debian+=("$2")
  fedora+=("$3")
}

# Sets $python to one that can make the environment: of a sourced ROS 2, the one that imports rclpy; else 3.11 or later
# with its shared library (librcl of the wheels leans on it), its headers (our interfaces compile against them) and venv.
check_python() {
  local candidate problem seen='' PATH=$PATH
  PATH=$(without_ours "$PATH") # not the environment's own
  for candidate in python3 python3.1{4,3,2,1} /usr/bin/python3 /usr/local/bin/python3 ~/.pyenv/versions/3.1*/bin/python3; do
    python=$(command -v "$candidate") || continue
    if [[ -n $sourced ]]; then
      ! "$python" -c 'import rclpy, venv, ensurepip' 2>/dev/null || return 0
    elif problem=$(python_problem "$python"); then
      [[ -n $problem ]] || return 0
      seen+="${seen:+; }$python $problem"
    fi
  done
  if [[ -n $sourced ]]; then
    lacks "a python3 that imports rclpy and venv (is the sourced ROS 2 complete?)" \
      "python3-venv ros-$distro-rclpy" "python3 ros-$distro-rclpy"
  else
    lacks "Python 3.11 to 3.14 with its shared library, headers and venv${seen:+ ($seen)}" \
      "python3-dev python3-venv" "python3-devel"
  fi
}

# Prints what $1 lacks; nothing where it will do.
python_problem() {
  "$1" - <<'PYTHON' 2>/dev/null
import os, sys, sysconfig

get = sysconfig.get_config_var
lacks = []
if not (3, 11) <= sys.version_info[:2] <= (3, 14):
    lacks.append("is %d.%d" % sys.version_info[:2])
library = get("INSTSONAME") or "-"
if not library.endswith(".so.1.0") or not any(
        os.path.exists(os.path.join(get("LIBDIR"), part, library)) for part in ("", get("MULTIARCH") or "")):
    lacks.append("has no shared libpython")
if not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")):
    lacks.append("has no headers")
try:
    import ensurepip, venv
except ImportError:
    lacks.append("has no venv")
print(", ".join(lacks))
PYTHON
}

check_compiler() {
  local program
  for program in cc c++ make; do
    command -v $program >/dev/null || lacks "a C and C++ compiler with make (no $program)" build-essential "gcc-c++ make"
    command -v $program >/dev/null || break
  done
  command -v cmake >/dev/null || lacks cmake cmake cmake
}

# Sets JAVA_HOME to a JDK 25 or later: that of JAVA_HOME, of the PATH, or one of /usr/lib/jvm.
check_java() {
  local home major seen='' javac
  javac=$(readlink -f "$(command -v javac || true)" || true)
  for home in "${JAVA_HOME:-}" "${javac%/bin/javac}" /usr/lib/jvm/*; do
    [[ -n $home && -x $home/bin/javac ]] || continue
    # The file "release" tells it without starting a JVM.
    major=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release" 2>/dev/null || true)
    if ((${major:-0} >= 25)); then
      export JAVA_HOME=$home
      return
    fi
    seen+="${seen:+; }$home is ${major:-unknown}"
  done
  lacks "JDK 25${seen:+ ($seen)}; any will do that JAVA_HOME points to" openjdk-25-jdk java-25-openjdk-devel
}

check_maven() { command -v mvn >/dev/null || lacks "Maven 3.8 or later" maven maven; }
