# Sourced by the scripts beside it: finds a JDK that is new enough.

min_jdk=25

# Feature version of a JDK home, from its release file (no JVM start needed).
jdk_version() {
  local release="$1/release" line
  [[ -x "$1/bin/java" && -r "$release" ]] || return 1
  while IFS= read -r line; do
    if [[ $line =~ ^JAVA_VERSION=\"([0-9]+) ]]; then
      printf '%s' "${BASH_REMATCH[1]}"
      return 0
    fi
  done <"$release"
  return 1
}

# Sets jdk to its home; on failure sets found to what there is instead.
find_jdk() {
  local home version java_on_path best='' best_version=0
  found=''
  local -a named=()
  [[ -n ${VIPSCOPE_JAVA_HOME:-} ]] && named+=("$VIPSCOPE_JAVA_HOME")
  [[ -n ${JAVA_HOME:-} ]] && named+=("$JAVA_HOME")
  if java_on_path=$(command -v java); then
    java_on_path=$(readlink -f "$java_on_path" 2>/dev/null || printf '%s' "$java_on_path")
    named+=("${java_on_path%/bin/java}")
  fi
  for home in "${named[@]}"; do
    version=$(jdk_version "$home") || continue
    if ((version >= min_jdk)) && [[ -x $home/bin/javac ]]; then
      jdk=$home
      return 0
    fi
    found+="${found:+, }Java $version in $home"
  done
  # Else the lowest version that will do is the one the build was checked with.
  for home in /usr/lib/jvm/* "$HOME"/.sdkman/candidates/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home "$HOME"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    version=$(jdk_version "$home") || continue
    if ((version >= min_jdk)) && [[ -x $home/bin/javac ]]; then
      if [[ -z $best ]] || ((version < best_version)); then
        best=$home best_version=$version
      fi
    else
      [[ $found == *" in $home"* ]] || found+="${found:+, }Java $version in $home"
    fi
  done
  [[ -n $best ]] || return 1
  jdk=$best
}

no_jdk() {
  printf 'needs a JDK %s or newer; found %s. Install one (for example Temurin %s) and set JAVA_HOME or VIPSCOPE_JAVA_HOME to it.' \
    "$min_jdk" "${found:-none}" "$min_jdk"
}
