# shellcheck shell=bash disable=SC2154 # $root and $sourced come from ./reverie and environment.sh
# Sourced by ./reverie where setup/package laid it: all is built, and nothing is prepared. What it redefines stands in
# ./reverie and environment.sh.
#
# java/     the jars            runtime/  a Java of their own
# ros/      ROS 2 for a machine without one, and the interfaces of this package; a sourced ROS 2 of that name goes before

prepare() {
  local packaged
  packaged=$(<"$root/ros/distribution")
  find_sourced
  if [[ -n $sourced && $distro != "$packaged" ]]; then
    say "this package is for ROS 2 $packaged, and $distro is sourced: start a shell without it, or build from the sources"
    exit 2
  fi
  distro=$packaged
  prefix=$root/ros
}

ros_env() {
  prepare
  local user=${XDG_CACHE_HOME:-$HOME/.cache}/reverie libraries=$prefix/interfaces/lib prefixes=$prefix/interfaces
  if [[ -n $sourced ]]; then
    prefixes+=:$sourced
  else
    prefixes+=:$prefix
    libraries+=:$prefix/lib:$prefix/libs
    export_line REVERIE_PRELOAD "$(echo "$prefix"/python/libpython3*.so*)"
  fi
  [[ -z $overlays ]] || prefixes=$overlays:$prefixes
  export_line ROS_DISTRO "$distro"
  export_line AMENT_PREFIX_PATH "$prefixes"
  export_line LD_LIBRARY_PATH "$(joined "$libraries" "${LD_LIBRARY_PATH:-}")"
  export_of_middleware
  export_line ROS_LOG_DIR "${ROS_LOG_DIR:-$user/ros-log}"
}

need_tools() { export JAVA_HOME=$root/runtime; }

run() {
  local module=$1 class=$2
  shift 3
  if [[ ! -f $root/java/$module.jar ]]; then
    say "this package is the robot's side, without $module: that runs from a checkout of the sources"
    exit 2
  fi
  enter_environment
  export REVERIE_ROOT=$root OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
  # shellcheck disable=SC2086 # options are words
  exec "$root/runtime/bin/java" "@$root/setup/java/$module.args" \
    "-Dorg.bytedeco.javacpp.cachedir=${XDG_CACHE_HOME:-$HOME/.cache}/reverie/javacpp" ${REVERIE_JAVA_OPTIONS:-} \
    -cp "$root/java/*" "$class" "$@"
}

setup() {
  say "all is ready: this is the package of the robot's side"
}

run_tests() {
  say "the tests run from a checkout of the sources"
  exit 2
}
