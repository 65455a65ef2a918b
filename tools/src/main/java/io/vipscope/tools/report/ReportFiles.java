package io.vipscope.tools.report;

import io.vipscope.capture.CaptureException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes a report's three forms into a folder. */
public final class ReportFiles {

  private ReportFiles() {}

  /**
   * Makes the folder, and finds out whether a file can be written there: before an audit of hours.
   *
   * @throws CaptureException if not
   */
  public static void prepare(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, ".report", ""));
    } catch (IOException e) {
      throw new CaptureException(folder + ": no report can be written: " + reason(e), e);
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case FileAlreadyExistsException _ -> "it is no folder";
      case AccessDeniedException _ -> "permission denied";
      case FileSystemException f when f.getReason() != null -> f.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }

  /**
   * Writes report.html, report.md and report.json; makes the folder, replaces files of these names.
   *
   * @throws CaptureException if one cannot be written
   */
  public static void write(Report report, Path folder) {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("report.html", new HtmlReport(report).text());
    files.put("report.md", new MarkdownReport(report).text());
    files.put("report.json", JsonReport.text(report));
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path path = folder.resolve(file.getKey());
      try {
        Files.createDirectories(folder);
        Files.writeString(path, file.getValue());
      } catch (IOException e) {
        throw new CaptureException(path + ": cannot be written: " + reason(e), e);
      }
    }
  }
}
