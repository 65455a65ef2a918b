package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Gives a command's options the values that a configuration has for them, where the command line
 * has none. Whatever a command has no option for is passed over.
 */
final class ConfigDefaults {

  private static final Set<String> INPUTS = Set.of("-i", "-r");

  private ConfigDefaults() {}

  /**
   * Sets the options of a command that has been parsed.
   *
   * @throws CaptureException if a value is not one of the option's: with its file and line
   */
  static void apply(ConfigFile config, CommandSpec spec) {
    ParseResult given = spec.commandLine().getParseResult();
    boolean input = INPUTS.stream().anyMatch(given::hasMatchedOption);
    for (CaptureSetting setting : config.capture()) {
      ArgSpec target = target(spec, setting.option());
      boolean overridden =
          setting.option().isEmpty()
              ? given.hasMatchedPositional(0)
              : given.hasMatchedOption(setting.option())
                  || input && INPUTS.contains(setting.option());
      if (target != null && !overridden) {
        set(target, value(setting, spec));
      }
    }
  }

  /** Says what is wrong with a value; null if nothing is. */
  static @Nullable String problem(CaptureSetting setting, CommandSpec spec) {
    try {
      value(setting, spec);
      return null;
    } catch (CaptureException e) {
      return e.getMessage();
    }
  }

  private static @Nullable ArgSpec target(CommandSpec spec, String option) {
    if (!option.isEmpty()) {
      return spec.findOption(option);
    }
    return spec.positionalParameters().isEmpty() ? null : spec.positionalParameters().getFirst();
  }

  /** What the option would hold, had the setting been given on the command line. */
  private static Object value(CaptureSetting setting, CommandSpec spec) {
    CommandLine scratch = new CommandLine(spec.userObject().getClass());
    scratch.setCaseInsensitiveEnumValuesAllowed(true);
    try {
      scratch.parseArgs(setting.words().toArray(String[]::new));
    } catch (ParameterException e) {
      throw new CaptureException(
          setting.where()
              + ": "
              + setting.key()
              + ": "
              + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
          e);
    }
    ArgSpec parsed = target(scratch.getCommandSpec(), setting.option());
    Object value = parsed == null ? null : parsed.getValue();
    if (value == null) {
      throw new CaptureException(
          setting.where() + ": " + setting.key() + ": expected a value, found none");
    }
    return value;
  }

  private static void set(ArgSpec target, Object value) {
    try {
      target.setter().set(value);
    } catch (Exception e) { // the setter of a field that picocli has just read
      throw new IllegalStateException("cannot set " + target, e);
    }
  }

  /** The words of one option, without the option. */
  static List<String> values(CaptureSetting setting) {
    return setting.words().stream().filter(w -> !w.equals(setting.option())).toList();
  }
}
