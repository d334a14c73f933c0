# shellcheck shell=bash disable=SC2154,SC1091 # $root comes from ./reverie, python.env is made here
# Sourced by ./reverie: prepares the environment in .reverie/ and prints it. Needs $root, the folder of the checkout.
#
# .reverie/ros               the distribution that ./reverie setup --ros chose; jazzy where it did not
# .reverie/<name>/           virtual environment; with ROS 2 from wheels where none is sourced
# .reverie/<name>/install/   the interfaces of this package, compiled
# .reverie/<name>/python.env what only its Python can tell, as shell variables
# .reverie/libero/           scenes of LIBERO and robosuite, where ./reverie setup --libero exported them
# .reverie/<name>/stamps/    of each step: the SHA-256 of what it was made from; a step runs when that changed
#
# <name> is the ROS 2 distribution, followed by "-sourced" where an installed one is used.

# What ./reverie setup --libero exports: suites of LIBERO with the number of a task or all, and tasks of robosuite.
LIBERO_SCENES='Stack NutAssemblySquare libero_spatial:* libero_object:*'

say() { echo "reverie: $*" >&2; }

# $1 without the entries that lie in some checkout's .reverie/; entries are separated by colons.
without_ours() {
  local entry kept=''
  local IFS=:
  for entry in $1; do
    [[ -z $entry || $entry == */.reverie/* ]] || kept+=${kept:+:}$entry
  done
  echo "$kept"
}

# Finds the ROS 2 that is sourced: $sourced (its prefixes; empty: none), $distro where there is one, and $overlays (prefixes
# that were sourced on top of the wheels, such as a workspace).
find_sourced() {
  sourced=$(without_ours "${AMENT_PREFIX_PATH:-}")
  overlays=''
  if [[ -n $sourced && -z $(first_file share/rcl/package.xml "$sourced") ]]; then
    overlays=$sourced
    sourced=''
  fi
  if [[ -n $sourced ]]; then
    distro=${ROS_DISTRO:-}
    if [[ -z $distro ]]; then
      say "AMENT_PREFIX_PATH names a ROS 2 ($sourced), but ROS_DISTRO is not set: source its setup.bash again"
      exit 2
    fi
  fi
}

# Decides which ROS 2 is used: what find_sourced tells, $distro, and $prefix (of the virtual environment).
choose_ros() {
  find_sourced
  if [[ -n $sourced ]]; then
    if [[ -n ${REVERIE_ROS:-} && $REVERIE_ROS != "$distro" ]]; then
      say "ROS 2 $REVERIE_ROS is asked for, but $distro is sourced: leave out one of the two"
      exit 2
    fi
    prefix=$root/.reverie/$distro-sourced
  else
    distro=${REVERIE_ROS:-$(cat "$root/.reverie/ros" 2>/dev/null || echo jazzy)}
    if [[ ! -f $root/setup/requirements/$distro.txt || ! $distro =~ ^(jazzy|kilted)$ ]]; then
      say "no wheels of ROS 2 '$distro' are known: use jazzy or kilted, or source an installed ROS 2"
      exit 2
    fi
    prefix=$root/.reverie/$distro
  fi
}

# The distribution with wheels that is not the one in use; none beside a sourced ROS 2.
other_distribution() {
  [[ -z $sourced ]] || return 0
  if [[ $distro == jazzy ]]; then echo kilted; else echo jazzy; fi
}

# prepare [tests|client|libero]: makes what is missing or out of date; also the readers that the tests, or those of the
# client alone, compare with, or LIBERO's scenes.
prepare() {
  choose_ros
  # A link: another checkout's environment, which that one keeps up to date.
  [[ ! -L $root/.reverie ]] || return 0
  mkdir -p "$root/.reverie"
  {
    flock --nonblock 9 || { say "another command prepares the environment; waiting for it"; flock 9; }
    step python "$(python_inputs)" make_python
    step python.env "$(python_inputs)" describe_python
    step interfaces "$(interface_inputs)" make_interfaces
    [[ ${1:-} != tests ]] || step tests "$(test_inputs tests)" make_tests
    [[ ${1:-} != tests ]] || step lint "$(test_inputs lint)" make_lint
    [[ ${1:-} != libero ]] || step libero "$(libero_inputs)" make_libero
    [[ ${1:-} != client ]] || step client "$(test_inputs client)" make_client_tests
  } 9>"$root/.reverie/lock"
}

python_inputs() {
  echo "$root $prefix $sourced"
  cat "$root"/setup/requirements/{build,arm}.txt
  [[ -n $sourced ]] || cat "$root/setup/requirements/$distro.txt"
}

interface_inputs() {
  python_inputs
  (cd "$root" && cat package.xml CMakeLists.txt && find msg srv action setup/interfaces -type f -print -exec cat {} + | LC_ALL=C sort)
}

test_inputs() {
  python_inputs
  cat "$root/setup/requirements/$1.txt"
}

libero_inputs() {
  cat "$root"/setup/{export_scenes.py,requirements/libero.txt}
}

# step NAME INPUTS FUNCTION: runs the function unless it made NAME from these inputs before.
step() {
  local stamp=$prefix/stamps/$1 sum
  sum=$({ echo "$2"; declare -f "$3"; } | sha256sum)
  if [[ -f $stamp && $(<"$stamp") == "$sum" ]]; then return; fi
  rm -f "$stamp"
  "$3"
  mkdir -p "$prefix/stamps"
  echo "$sum" >"$stamp"
}

make_python() {
  local python began=$SECONDS
  # All that is missing is told at once, also what only the build needs.
  need_tools python compiler java maven
  rm -rf "$prefix"
  mkdir -p "$prefix"
  if [[ -n $sourced ]]; then
    say "preparing a virtual environment over the sourced ROS 2 $distro in ${prefix#"$root/"}"
    "$python" -m venv --system-site-packages "$prefix"
  else
    say "preparing ROS 2 $distro from wheels in ${prefix#"$root/"} (80 MB to download, once)"
    "$python" -m venv "$prefix"
    install_packages build
    install_packages "$distro"
    repair_cmake_files
  fi
  install_packages arm
  say "packages are ready after $((SECONDS - began)) s"
}

# install_packages NAME: exactly the files pinned in requirements/NAME.txt, checked by their hashes.
install_packages() {
  local pinned=$root/setup/requirements/$1.txt log=$prefix/pip-$1.log
  if ! own_python -m pip install --disable-pip-version-check --no-input --require-hashes --no-deps \
    --only-binary :all: --no-binary empy,bddl --no-build-isolation --use-pep517 --no-compile -r "$pinned" 2>"$log.err" |
    tee "$log" | count_lines '^Collecting' "packages ($1)" "$(grep -c == "$pinned")"; then
    cat "$log.err" >&2
    say "pip could not install the packages of ${pinned#"$root/"} (what it did: $log): is there a network, or a mirror in pip's configuration?"
    exit 1
  fi
}

# The environment's Python, blind to packages elsewhere that the user's variables or home folder would show it.
own_python() { env -u PYTHONPATH PYTHONNOUSERSITE=1 "$prefix/bin/python" "$@"; }

# count_lines PATTERN WHAT TOTAL: shows how far the log on standard input has come.
count_lines() {
  local live=''
  [[ ! -t 2 ]] || live=1
  awk -v pattern="$1" -v what="$2" -v total="$3" -v live="$live" '
    $0 ~ pattern {
      n++
      if (live) printf "\rreverie: %s %d of %d   ", what, n, total
      else if (n % 25 == 0 || n == total) printf "reverie: %s %d of %d\n", what, n, total
      fflush()
    }
    END { if (live && n) printf "\n" }' >&2
}

# The wheels' cmake files name the Python headers of the machine that built them; ours stand elsewhere.
repair_cmake_files() {
  local include numpy
  include=$("$prefix/bin/python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
  numpy=$("$prefix/bin/python" -c 'import numpy; print(numpy.get_include())')
  { grep -rlE '/opt/python/cp[0-9]' "$prefix/share" --include='*.cmake' || true; } | xargs -r sed -i -E \
    -e "s#/opt/python/[a-z0-9-]+/lib/python[0-9.]+/site-packages/numpy/_?core/include#$numpy#g" \
    -e "s#/opt/python/[a-z0-9-]+/include/python[0-9.]+#$include#g"
}

# Where ros_env finds what it exports.
describe_python() {
  own_python - >"$prefix/python.env" <<'PYTHON'
import glob, importlib.util, os, shlex, sysconfig

get = sysconfig.get_config_var
library = get("INSTSONAME") or "-"
places = [os.path.join(get("LIBDIR"), part, library) for part in ("", get("MULTIARCH") or "")]
print("libpython=" + shlex.quote(next(filter(os.path.exists, places), "")))
print("site=" + shlex.quote(os.path.relpath(sysconfig.get_path("purelib"), sysconfig.get_path("data"))))
folder = importlib.util.find_spec("mujoco").submodule_search_locations[0]
print("mujoco=" + shlex.quote(glob.glob(folder + "/libmujoco.so.*")[0]))
PYTHON
}

make_interfaces() {
  local log=$prefix/interfaces.log began=$SECONDS package
  need_tools compiler
  say "compiling the interfaces of this package for ROS 2 $distro"
  rm -rf "$prefix/install"
  : >"$log"
  for package in "$root"/setup/interfaces/*/; do
    package=$(basename "$package")
    if [[ -z $(first_file "share/$package/package.xml" "${sourced:-$prefix}") ]]; then
      compile_interfaces "$package" "$root/setup/interfaces/CMakeLists.txt" "$root/setup/interfaces/$package"/*
    fi
  done
  compile_interfaces reverie "$root"/{package.xml,CMakeLists.txt,msg,srv,action}
  say "interfaces are ready after $((SECONDS - began)) s"
}

# compile_interfaces PACKAGE FILES: into $prefix/install. Of a copy, because cmake refuses headers (numpy's) that lie below
# the sources.
compile_interfaces() {
  local package=$1 source=$prefix/source build=$prefix/build
  shift
  rm -rf "$build" "$source"
  mkdir -p "$source"
  cp -r "$@" "$source"
  if ! (
    enter_environment && source "$prefix/python.env" && paths=$prefix/install:${sourced:-$prefix} &&
      cmake -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$prefix/install" \
        -DCMAKE_PREFIX_PATH="${paths//:/;}" -DPython3_EXECUTABLE="$prefix/bin/python" -DBUILD_TESTING=OFF \
        -DREVERIE_JAVA=OFF -DPACKAGE="$package" -DPYTHON_INSTALL_DIR="$site" &&
      cmake --build "$build" --target install --parallel "$(nproc)"
  ) >>"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" >&2
    say "the interfaces of $package did not compile (all of it: $log)"
    exit 1
  fi
  rm -rf "$build" "$source"
}

make_tests() {
  say "installing the readers that the tests compare with"
  install_packages tests
}

make_lint() {
  say "installing the linters of shell and Python files"
  install_packages lint
}

make_client_tests() {
  say "installing what the client's tests compare with"
  install_packages client
}

# Into .reverie/libero, whole or not at all; the packages that the export needs are deleted again.
make_libero() {
  local python began=$SECONDS prefix=$root/.reverie/libero.tool made=$root/.reverie/libero.new log=$root/.reverie/libero.log
  need_tools python
  say "exporting LIBERO's scenes to .reverie/libero (340 MB to download and 2 GB on the disk meanwhile, once)"
  rm -rf "$prefix" "$made"
  "$python" -m venv "$prefix"
  install_packages build
  install_packages libero
  # shellcheck disable=SC2086 # scenes are words
  if ! own_python "$root/setup/export_scenes.py" "$made" $LIBERO_SCENES >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    say "the export failed (all of it: $log)"
    exit 1
  fi
  rm -rf "$prefix" "$root/.reverie/libero"
  mv "$made" "$root/.reverie/libero"
  say "LIBERO's scenes are ready after $((SECONDS - began)) s: $(du -sh "$root/.reverie/libero" | cut -f1)"
}

# Prints the shell exports that every ROS 2 process of this checkout needs, and nothing else.
ros_env() {
  choose_ros
  local libpython='' site='' mujoco='' libraries=$prefix/install/lib prefixes=$prefix/install folder rcl
  if [[ ! -f $prefix/python.env ]]; then
    say "the environment in $prefix is not prepared: run ./reverie setup in the checkout that it belongs to"
    exit 1
  fi
  source "$prefix/python.env"
  if [[ -n $sourced ]]; then
    prefixes+=:$sourced
  else
    prefixes+=:$prefix
    libraries+=:$prefix/lib
    for folder in "$prefix/$site"/ros_*.libs; do libraries+=:$folder; done
    # The wheels start Python a second time to set this path, unless told that it is there.
    export_line _ROS_WHEELS_BOOTSTRAP_COMPLETE 1
    export_line REVERIE_ROS "$distro"
  fi
  [[ -z $overlays ]] || prefixes=$overlays:$prefixes
  libraries=$(joined "$libraries" "$(without_ours "${LD_LIBRARY_PATH:-}")")
  # The librcl of the wheels leans on Python's symbols without linking to it; an installed ROS 2 does not.
  rcl=$(first_file librcl.so "$prefix/lib:${sourced//://lib:}/lib")
  if [[ -z $rcl ]] || ! grep -q rosidl_generator_py "$rcl"; then libpython=; fi

  export_line PATH "$prefix/bin:$(without_ours "$PATH")" # its python has rclpy
  export_line ROS_DISTRO "$distro"
  export_line AMENT_PREFIX_PATH "$prefixes"
  export_line LD_LIBRARY_PATH "$libraries"
  export_line PYTHONPATH "$(joined "$prefix/install/$site" "$(without_ours "${PYTHONPATH:-}")")"
  export_line REVERIE_PYTHON "$prefix/bin/python"
  export_line REVERIE_PRELOAD "$libpython"
  export_line REVERIE_MUJOCO "$mujoco"
  export_of_middleware
  export_line ROS_LOG_DIR "${ROS_LOG_DIR:-$root/out/ros-log}"
}

# The part of ros_env that says whom the middleware meets, and how.
export_of_middleware() {
  export_line ROS_DOMAIN_ID "${ROS_DOMAIN_ID:-$(own_domain)}"
  export_line REVERIE_OWN_DOMAIN "$(own_domain)"
  export_line ROS_AUTOMATIC_DISCOVERY_RANGE "${ROS_AUTOMATIC_DISCOVERY_RANGE:-LOCALHOST}"
  # Humble knows no discovery range; later distributions warn about this one.
  [[ $distro != humble ]] || export_line ROS_LOCALHOST_ONLY "${ROS_LOCALHOST_ONLY:-1}"
  export_line FASTDDS_DEFAULT_PROFILES_FILE "${FASTDDS_DEFAULT_PROFILES_FILE:-$root/setup/fastdds.xml}"
  # The name that Fast DDS 2 reads; version 3 warns about it.
  if [[ $distro =~ ^(humble|iron|jazzy)$ ]]; then
    export_line FASTRTPS_DEFAULT_PROFILES_FILE "${FASTRTPS_DEFAULT_PROFILES_FILE:-$root/setup/fastdds.xml}"
  elif [[ ${FASTRTPS_DEFAULT_PROFILES_FILE:-} == */setup/fastdds.xml ]]; then
    echo unset FASTRTPS_DEFAULT_PROFILES_FILE
  fi
  # ONNX Runtime reports its use to its makers unless told not to, and breaks on a long command line when it does.
  export_line ORT_DISABLE_TELEMETRY "${ORT_DISABLE_TELEMETRY:-1}"
}

# Takes the exports of ros_env into this shell.
enter_environment() {
  local exports
  exports=$(ros_env) || exit
  eval "$exports"
}

export_line() { printf 'export %s=%q\n' "$1" "$2"; }

joined() { echo "$1${2:+:$2}"; }

# first_file NAME FOLDERS: the path of the file NAME in the first of the folders (separated by colons) that has it.
first_file() {
  local folder
  local IFS=:
  for folder in $2; do
    if [[ -f $folder/$1 ]]; then
      echo "$folder/$1"
      return
    fi
  done
}

# A domain of this checkout and user, so that two of them on one machine do not meet. 1-101 leave room for their ports.
own_domain() { echo $(($(cksum <<<"$UID $root" | cut -d' ' -f1) % 101 + 1)); }
