package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.filter.FilterSyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.TypeConversionException;

/** Checks the capture section of a configuration as an audit would, without capturing. */
final class CaptureCheck {

  private CaptureCheck() {}

  /** One sentence, with file and line, for each setting that an audit would refuse. */
  static List<String> problems(List<CaptureSetting> settings) {
    CommandSpec audit = new CommandLine(AuditCommand.class).getCommandSpec();
    List<String> problems = new ArrayList<>();
    for (CaptureSetting setting : settings) {
      String problem = ConfigDefaults.problem(setting, audit);
      if (problem != null) {
        problems.add(problem);
      } else {
        String wrong = wrong(setting);
        if (wrong != null) {
          problems.add(setting.where() + ": " + setting.key() + ": " + wrong);
        }
      }
    }
    return problems;
  }

  /** What the option's own type does not tell. */
  private static @Nullable String wrong(CaptureSetting setting) {
    List<String> values = ConfigDefaults.values(setting);
    try {
      switch (setting.key()) {
        case "filter" -> ExpressionSelection.of(values);
        case "max_loss" -> MaxLoss.parse(values.getFirst());
        case "files" -> {
          for (String file : values) {
            if (!file.equals("-") && !Files.isReadable(Path.of(file))) {
              return "expected a capture that can be read, found " + file;
            }
          }
        }
        default -> {
          // its type says all
        }
      }
      return null;
    } catch (CaptureException | FilterSyntaxException | TypeConversionException e) {
      return String.valueOf(e.getMessage()).replaceFirst("^--max-loss: ", "");
    }
  }
}
