/**
 * The findings that a change is to blame for: those whose trace touches a changed file, and those that were not there before it. The
 * second kind is what a guard leaves behind that is removed in a file which then no trace leads to any more.
 */
import type { Changes } from './git.js';
import { isWanted } from './discover.js';
import { createProject, type ProjectOptions } from './project.js';
import type { Finding, Report } from './report.js';

export function findingsOfChange(report: Report, changes: Changes, options: ProjectOptions): Finding[] {
  const { findings } = report.findings;
  if (changes.files.size === 0) return [];
  const touched = new Set(findings.filter((finding) => filesOf(finding, report).some((file) => changes.files.has(file))));
  if (touched.size < findings.length) for (const finding of newIn(findings, changes, options)) touched.add(finding);
  return findings.filter((finding) => touched.has(finding));
}

/** The files of the trace, of the endpoint's handler and of its guards. */
function filesOf(finding: Finding, { inventory }: Report): string[] {
  const files = [finding.file, ...finding.trace.map((step) => step.file)];
  const endpoints = inventory.endpoints.filter(({ method, path, rules }) => method === finding.endpoint?.method && path === finding.endpoint.path && rules.includes(finding.rule));
  for (const { file, handler, guards } of endpoints) files.push(file, ...(handler ? [handler.file] : []), ...guards.map((guard) => guard.file));
  return files;
}

/** Findings that an analysis of the earlier state does not have. */
function newIn(findings: readonly Finding[], changes: Changes, options: ProjectOptions): Finding[] {
  const files = [...changes.files].filter((file) => isWanted(file.slice(file.lastIndexOf('/') + 1)));
  if (files.length === 0) return [];
  const project = createProject(options);
  try {
    const before = changes.before(files);
    for (const file of files) project.setText(file, before.get(file)?.toString('utf8') ?? '');
    const left = new Map<string, number>();
    for (const { fingerprint } of project.report().findings.findings) left.set(fingerprint, (left.get(fingerprint) ?? 0) + 1);
    return findings.filter(({ fingerprint }) => {
      const count = left.get(fingerprint) ?? 0;
      left.set(fingerprint, count - 1);
      return count <= 0;
    });
  } finally {
    project.dispose();
  }
}
