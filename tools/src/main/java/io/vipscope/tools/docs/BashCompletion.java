package io.vipscope.tools.docs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Completion for bash, from the command line's own model. */
public final class BashCompletion {

  private BashCompletion() {}

  /** The file for {@code bash-completion/completions}. */
  public static String of(CommandLine whole) {
    StringBuilder out = new StringBuilder(16_384);
    out.append(
        """
        # bash completion of vipscope
        _vipscope() {
          local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
          local before=${COMP_WORDS[COMP_CWORD - 2]-}
          local words='' files=''
          COMPREPLY=()
          # '=' is a word of its own: --option=VALUE, --host NAME=DIR
          if [[ $cur == '=' ]]; then
            cur='' before=$prev prev='='
          fi
          if [[ $prev == '=' ]]; then
            if [[ $before == --* ]]; then prev=$before; else prev='NAME='; fi
          fi
        """);
    out.append("  if ((COMP_CWORD == 1)); then\n    words='")
        .append(String.join(" ", whole.getSubcommands().keySet()))
        .append(" --help --version'\n  elif [[ $prev == 'NAME=' ]]; then\n    files=-f\n  else\n")
        .append("    case ${COMP_WORDS[1]} in\n");
    whole
        .getSubcommands()
        .forEach((name, command) -> {
          out.append("      ").append(name).append(")\n        case $prev in\n");
          options(out, command.getCommandSpec());
          out.append("        esac ;;\n");
        });
    return out.append(
            """
                esac
              fi
              if [[ $words == @interfaces ]]; then
                words=$(cd /sys/class/net 2>/dev/null && echo *)
              fi
              if [[ -n $words ]]; then
                COMPREPLY=($(compgen -W "$words" -- "$cur"))
              fi
              if [[ -n $files ]]; then
                compopt -o filenames 2>/dev/null
                COMPREPLY+=($(compgen $files -- "$cur"))
              fi
            }
            complete -F _vipscope vipscope
            """)
        .toString();
  }

  /** A branch for every kind of value, and one for all else. */
  private static void options(StringBuilder out, CommandSpec spec) {
    Map<String, List<String>> byValue = new LinkedHashMap<>();
    List<String> names = new ArrayList<>();
    for (OptionSpec option : spec.options()) {
      if (!option.hidden()) {
        names.addAll(List.of(option.names()));
        if (option.arity().max() > 0) {
          byValue
              .computeIfAbsent(value(option), _ -> new ArrayList<>())
              .addAll(List.of(option.names()));
        }
      }
    }
    byValue.forEach((value, of) ->
        out.append("          ")
            .append(String.join("|", of))
            .append(") ")
            .append(value)
            .append(" ;;\n"));
    boolean takesFiles =
        spec.positionalParameters().stream()
            .anyMatch(p -> CompletionValue.of(p) instanceof CompletionValue.Files);
    out.append("          *)\n            words='")
        .append(String.join(" ", names))
        .append("'\n")
        .append(takesFiles ? "            [[ $cur == -* ]] || files=-f\n" : "")
        .append("            ;;\n");
  }

  private static String value(OptionSpec option) {
    return switch (CompletionValue.of(option)) {
      case CompletionValue.Words(List<String> words) -> "words='" + String.join(" ", words) + "'";
      case CompletionValue.Interfaces _ -> "words=@interfaces";
      case CompletionValue.Files(boolean folders) -> folders ? "files=-d" : "files=-f";
      case CompletionValue.Anything _ -> ":";
    };
  }
}
