package io.vipscope.tools.docs;

import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Completion for zsh, from the command line's own model. */
public final class ZshCompletion {

  private ZshCompletion() {}

  /** The function file {@code _vipscope}. */
  public static String of(CommandLine whole) {
    StringBuilder out = new StringBuilder(16_384);
    out.append("#compdef vipscope\n\nlocal -a commands\ncommands=(\n");
    Map<String, CommandLine> commands = whole.getSubcommands();
    commands.forEach((name, command) ->
        out.append("  ").append(quoted(name + ":" + first(command.getCommandSpec()))).append('\n'));
    out.append(")\n\nlocal curcontext=$curcontext state line\n_arguments -C")
        .append(" '(- *)--help[show help]' '(- *)--version[show the version]'")
        .append(" '1:command:->command' '*::argument:->argument'\n\ncase $state in\n")
        .append("  command) _describe command commands ;;\n  argument)\n    case $words[1] in\n");
    commands.forEach((name, command) -> {
      out.append("      ").append(name).append(") _arguments");
      for (OptionSpec option : command.getCommandSpec().options()) {
        option(out, option);
      }
      for (PositionalParamSpec parameter : command.getCommandSpec().positionalParameters()) {
        out.append(" \\\n        ")
            .append(quoted("*:" + parameter.paramLabel() + ":" + action(parameter)));
      }
      out.append(" ;;\n");
    });
    return out.append("    esac ;;\nesac\n").toString();
  }

  private static void option(StringBuilder out, OptionSpec option) {
    if (option.hidden()) {
      return;
    }
    for (String name : option.names()) {
      String text =
          "*"
              + name
              + "["
              + String.join(" ", option.description()).replaceAll("[\\[\\]]", "")
              + "]";
      if (option.arity().max() > 0) {
        text += ":" + option.paramLabel().replace(":", "\\:") + ":" + action(option);
      }
      out.append(" \\\n        ").append(quoted(text));
    }
  }

  /** What zsh offers for a value. */
  private static String action(ArgSpec arg) {
    return switch (CompletionValue.of(arg)) {
      case CompletionValue.Words(List<String> words) -> "(" + String.join(" ", words) + ")";
      case CompletionValue.Interfaces _ -> "_net_interfaces";
      case CompletionValue.Files(boolean folders) -> folders ? "_files -/" : "_files";
      case CompletionValue.Anything _ -> " ";
    };
  }

  private static String first(CommandSpec spec) {
    String[] header = spec.usageMessage().header();
    return header.length == 0 ? "" : header[0];
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
