# Sourced by ./reverie: finds the programs that the environment and the build need, or says how to install them.

# need PROBLEM PACKAGES_DEBIAN PACKAGES_FEDORA [REMARK]: ends with what is missing and the command that installs it.
need() {
  local install="install: $2"
  if command -v apt-get >/dev/null; then
    install="install it with: sudo apt-get install $2"
  elif command -v dnf >/dev/null; then
    install="install it with: sudo dnf install $3"
  fi
  say "$1"
  say "$install${4:+ ($4)}"
  exit 1
}

# Prints a Python that can make the environment: of a sourced ROS 2, the one that imports rclpy; else 3.11 or later with
# its shared library (librcl of the wheels leans on it), its headers (our interfaces compile against them) and venv.
find_python() {
  local candidate problem seen=
  for candidate in python3 python3.1{4,3,2,1} /usr/bin/python3 /usr/local/bin/python3 ~/.pyenv/versions/3.1*/bin/python3; do
    candidate=$(command -v "$candidate") || continue
    if [[ -n ${sourced:-} ]]; then
      if "$candidate" -c 'import rclpy, venv, ensurepip' 2>/dev/null; then
        echo "$candidate"
        return
      fi
    elif ! problem=$(python_problem "$candidate"); then
      continue
    elif [[ -z $problem ]]; then
      echo "$candidate"
      return
    else
      seen+="${seen:+; }$candidate $problem"
    fi
  done
  [[ -z ${sourced:-} ]] || need "no python3 here imports rclpy and venv: is the sourced ROS 2 complete?" \
    "python3-venv ros-$distro-rclpy" "python3 ros-$distro-rclpy"
  need "Python 3.11 or later with its shared library, headers and venv is needed${seen:+ (found: $seen)}" \
    "python3-dev python3-venv" "python3-devel"
}

# Prints what $1 lacks; nothing where it will do.
python_problem() {
  "$1" - <<'PYTHON' 2>/dev/null
import os, sys, sysconfig

get = sysconfig.get_config_var
lacks = []
if not (3, 11) <= sys.version_info[:2] <= (3, 14):
    lacks.append("is %d.%d, not 3.11 to 3.14" % sys.version_info[:2])
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

need_compiler() {
  local missing=()
  command -v cc >/dev/null && command -v c++ >/dev/null || missing+=("a C and C++ compiler")
  command -v make >/dev/null || missing+=(make)
  command -v cmake >/dev/null || missing+=(cmake)
  ((${#missing[@]} == 0)) || need "missing: $(printf '%s, ' "${missing[@]}" | sed 's/, $//')" \
    "build-essential cmake" "gcc-c++ make cmake"
}

# Sets JAVA_HOME to a JDK 25 or later: that of JAVA_HOME, of the PATH, or one of /usr/lib/jvm.
need_java() {
  local home found=() java
  java=$(readlink -f "$(command -v javac || true)" || true)
  for home in "${JAVA_HOME:-}" "${java%/bin/javac}" /usr/lib/jvm/*; do
    if [[ -n $home && -x $home/bin/javac && $(java_major "$home") -ge 25 ]]; then
      export JAVA_HOME=$home
      return
    fi
    [[ -z $home || ! -x $home/bin/javac ]] || found+=("$(java_major "$home") in $home")
  done
  need "JDK 25 is needed${found:+ (found only: $(printf '%s, ' "${found[@]}" | sed 's/, $//'))}" \
    openjdk-25-jdk java-25-openjdk-devel "or unpack any JDK 25 and set JAVA_HOME to its folder"
}

# The major version of the JDK in $1, from its file "release".
java_major() {
  local version
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null)
  echo "${version:-0}"
}

need_maven() {
  command -v mvn >/dev/null || need "Maven 3.8 or later is needed" maven maven
}
