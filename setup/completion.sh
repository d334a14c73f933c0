# shellcheck shell=bash
# Completion of ./reverie for bash and zsh, from its help pages: a line `source .../setup/completion.sh` in ~/.bashrc or ~/.zshrc.
[[ -z ${ZSH_VERSION:-} ]] || { autoload -Uz compinit bashcompinit && compinit -u && bashcompinit; }

# The commands: those that have a page, but for subcommands, and those of the script itself.
_reverie_commands() {
  local help=$1 file name
  for file in "$help"/*.txt; do
    name=${file##*/}
    name=${name%.txt}
    [[ $name == *-* && (-f $help/${name%%-*}.txt || -f $help/${name%-*}.txt) ]] || echo "$name"
  done
  echo setup test ros-env help
}

_reverie() {
  local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]:-} help page choice=''
  help=$(dirname "$(realpath -m "${COMP_WORDS[0]/#\~/$HOME}")")/setup/help
  page=$help/$command
  # The page of the subcommand, where the command has some.
  if ((COMP_CWORD > 2)) && [[ -f $page-${COMP_WORDS[2]}.txt ]]; then page+=-${COMP_WORDS[2]}; fi
  if ((COMP_CWORD == 1)); then
    choice=$(_reverie_commands "$help")
  elif [[ $word == -* && -f $page.txt ]]; then
    choice=$(sed -nE 's/^ +(-[A-Za-z], )?(--[a-z0-9-]+=?).*/\2/p' "$page.txt")
  elif ((COMP_CWORD == 2)) && [[ -f $page.txt ]]; then
    choice=$(sed -nE 's/^  ([a-z][a-z-]+)  .*/\1/p' "$page.txt")
  fi
  # shellcheck disable=SC2207 # words without spaces; zsh has no mapfile
  COMPREPLY=($(compgen -W "$choice" -- "$word"))
  # A value follows at once.
  [[ ${COMPREPLY[*]} != *= || -n ${ZSH_VERSION:-} ]] || compopt -o nospace 2>/dev/null || true
}
complete -o default -F _reverie reverie ./reverie
