package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.core.frame.Segments;
import io.vipscope.core.net.IpAddress;
import io.vipscope.tools.view.AuditView;
import io.vipscope.tools.web.ListenAddress;
import io.vipscope.tools.web.WebServer;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vipscope serve}: the page over records. */
@Command(
    name = "serve",
    header = "Shows an audit's records on a web page.",
    description =
        "Reads records (audit --json or -o FILE) and shows them until it is interrupted: who held"
            + " which VIP, flows by class and verdict, findings, every flow with the steps that led"
            + " to its source. A running audit shows itself: audit --serve PORT.",
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  vipscope serve flows.jsonl",
      "  vipscope serve --serve 9000 monday.jsonl tuesday.jsonl",
      "  vipscope audit -i eth1 --hosts snapshots --serve 8080"
    })
final class ServeCommand implements Callable<Integer> {

  private static final int FLOWS = 100_000;
  private static final ListenAddress DEFAULT = new ListenAddress(IpAddress.LOOPBACK4, 8080);

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Mixin private ServeOptions serve = new ServeOptions();

  @Parameters(
      paramLabel = "RECORDS",
      arity = "1..*",
      description = "Files of records, read in this order; - is standard input.")
  private List<String> files = new ArrayList<>();

  @Option(names = "-v", description = "Say more about internal errors.")
  @SuppressWarnings("UnusedVariable") // Main asks the command line whether it was given
  private boolean verbose;

  @Override
  public Integer call() throws InterruptedException {
    serve.check();
    if (new HashSet<>(files).size() < files.size()) {
      throw new ParameterException(spec.commandLine(), "RECORDS: the same file is given twice");
    }
    PrintWriter err = spec.commandLine().getErr();
    Segments segments = new Segments();
    AuditView view = new AuditView(segments, FLOWS);
    RecordReplay replay = new RecordReplay(view);
    for (int i = 0; i < files.size(); i++) {
      if (i > 0) {
        view.nextRun();
      }
      replay.read(files.get(i));
    }
    if (replay.records() == 0) {
      throw new CaptureException(
          String.join(", ", files) + ": no record of an audit; expected EVE JSON lines");
    }
    RecordsPage page = new RecordsPage(files, view, replay, segments);
    WebServer server = serve.start(DEFAULT, page, err);
    Thread hook = new Thread(() -> Runtime.getRuntime().halt(ExitCode.DONE), "stop");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      server.awaitClose();
    } finally {
      server.close();
      unhook(hook);
    }
    return ExitCode.DONE;
  }

  private static void unhook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // the process is ending by a signal: the hook itself halts it
    }
  }
}
