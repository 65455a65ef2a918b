package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.filter.FilterSyntaxException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The program: parses the command line and maps every outcome to a documented exit code. */
@Command(
    name = "vipscope",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Version.class,
    header = "Which source address do a keepalived pair's connections use, and why?",
    footer = {"", "Start with 'vipscope demo'. 'vipscope COMMAND --help' has examples."},
    synopsisSubcommandLabel = "COMMAND",
    sortOptions = false,
    usageHelpAutoWidth = true)
public final class Main implements Runnable {

  /** In the order in which {@code --help} lists them. */
  private static final SequencedMap<String, Class<?>> COMMANDS = new LinkedHashMap<>();

  static {
    COMMANDS.put("demo", DemoCommand.class);
    COMMANDS.put("audit", AuditCommand.class);
    COMMANDS.put("predict", PredictCommand.class);
    COMMANDS.put("explain", ExplainCommand.class);
    COMMANDS.put("whatif", WhatifCommand.class);
    COMMANDS.put("owner", OwnerCommand.class);
    COMMANDS.put("timeline", TimelineCommand.class);
    COMMANDS.put("show", ShowCommand.class);
    COMMANDS.put("serve", ServeCommand.class);
    COMMANDS.put("doctor", DoctorCommand.class);
    COMMANDS.put("snapshot", SnapshotCommand.class);
    COMMANDS.put("config", ConfigCommand.class);
    COMMANDS.put("bench", BenchCommand.class);
  }

  /** What alone asks for no command, but at most for their list. */
  private static final Set<String> LISTING = Set.of("-h", "--help", "-V", "--version");

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  public static void main(String[] args) {
    WatchedOutput stdout = new WatchedOutput(new FileOutputStream(FileDescriptor.out));
    PrintWriter out = new PrintWriter(new OutputStreamWriter(stdout, UTF_8), true);
    PrintWriter err =
        new PrintWriter(
            new OutputStreamWriter(new FileOutputStream(FileDescriptor.err), UTF_8), true);
    Thread.setDefaultUncaughtExceptionHandler(new OutOfMemory());
    int code = run(args, out, err);
    out.flush();
    if (stdout.failure() != null && code != ExitCode.INTERNAL) {
      err.println("vipscope: standard output cannot be written: " + stdout.failure());
      code = ExitCode.INPUT;
    }
    if (OutOfMemory.isTold()) {
      Runtime.getRuntime().halt(code); // to end in order takes memory, too
    }
    System.exit(code);
  }

  /** Runs one command line and returns its exit code; used by {@link #main} and by tests. */
  static int run(String[] args, PrintWriter out, PrintWriter err) {
    try {
      return commandLine(args, out, err).execute(args);
    } catch (OutOfMemoryError _) {
      OutOfMemory.tell(err);
    } catch (StackOverflowError | LinkageError e) { // picocli handles exceptions only
      err.println("vipscope: internal error: " + e);
    }
    err.flush();
    return ExitCode.INTERNAL;
  }

  /**
   * The parser. Reading a command's options by reflection takes a good part of a short run: where
   * the first word names a command, the others are left out, and a list of all needs their headers
   * alone.
   */
  private static CommandLine commandLine(String[] args, PrintWriter out, PrintWriter err) {
    CommandLine commandLine = new CommandLine(new Main());
    String first = args.length == 0 ? "" : args[0];
    boolean one = COMMANDS.containsKey(first);
    boolean listed = args.length == 1 && LISTING.contains(first);
    COMMANDS.forEach((name, command) -> {
      if (listed) {
        commandLine.addSubcommand(name, headerOf(command));
      } else if (!one || name.equals(first)) {
        commandLine.addSubcommand(name, command);
      }
    });
    TextStyle.choose(TextStyle.When.AUTO);
    commandLine.getSubcommands().values().forEach(Main::addColour);
    commandLine.setOut(out).setErr(err);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setParameterExceptionHandler(Main::usageError);
    commandLine.setExecutionExceptionHandler(Main::failure);
    commandLine.setUsageHelpLongOptionsMaxWidth(34);
    return commandLine;
  }

  /** Every command may be told when to use colour. */
  private static void addColour(CommandLine command) {
    command
        .getCommandSpec()
        .addOption(
            OptionSpec.builder("--color")
                .paramLabel("WHEN")
                .type(TextStyle.When.class)
                .description(
                    "Colour: auto (on a terminal, unless NO_COLOR is set), always, never. Default:"
                        + " auto.")
                .setter(
                    new ISetter() {
                      @Override
                      @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
                      public <T> T set(T value) {
                        TextStyle.choose(
                            value == null ? TextStyle.When.AUTO : (TextStyle.When) value);
                        return value;
                      }
                    })
                .build());
  }

  private static CommandSpec headerOf(Class<?> command) {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage().header(command.getAnnotation(Command.class).header());
    return spec;
  }

  /** The whole command line, for what is made of it: man pages, completion. */
  static CommandLine whole() {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    return commandLine(new String[0], nowhere, nowhere);
  }

  /** One sentence, then where to read on; never the whole usage text. */
  private static int usageError(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println(
        "vipscope: "
            + firstLine(String.valueOf(e.getMessage()).replace("option option", "option")));
    List<String> suggestions = List.of();
    if (e instanceof CommandLine.UnmatchedArgumentException unmatched) {
      suggestions = unmatched.getSuggestions();
    }
    if (!suggestions.isEmpty()) {
      err.println("Did you mean: " + String.join(", ", suggestions) + "?");
    }
    err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    err.flush();
    return ExitCode.USAGE;
  }

  private static int failure(Exception e, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    if (e instanceof FilterSyntaxException || e instanceof TypeConversionException) {
      err.println("vipscope: " + e.getMessage());
      err.flush();
      return ExitCode.USAGE;
    }
    if (e instanceof CaptureException) {
      err.println("vipscope: " + e.getMessage());
      err.flush();
      return ExitCode.INPUT;
    }
    if (OutOfMemory.isCauseOf(e)) {
      OutOfMemory.tell(err);
      err.flush();
      return ExitCode.INTERNAL;
    }
    err.println("vipscope: internal error: " + e + " (-v shows where)");
    if (parsed.hasSubcommand() && parsed.subcommand().hasMatchedOption("-v")) {
      e.printStackTrace(err);
    }
    err.flush();
    return ExitCode.INTERNAL;
  }

  private static String firstLine(String text) {
    int end = text.indexOf('\n');
    return end < 0 ? text : text.substring(0, end);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command");
  }
}
