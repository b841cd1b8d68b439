/**
 * SARIF 2.1.0, for GitHub's code scanning and other viewers. Paths are relative to the repository, as those want them. Nothing in it
 * depends on the time or on the machine: the same project gives the same file.
 */
import type { CheckResult } from '../check-result.js';
import { engineRules, type RuleMeta } from '../engine.js';
import { repositoryOf } from '../git.js';
import { isWithoutServer, nothingFound, unusedSummary } from '../print/summary.js';
import { hidesCode, SEVERITIES, type Edit, type Finding, type InputError, type Severity, type TraceStep } from '../report.js';
import { ruleExplanation, ruleUrl } from '../rules.js';
import { packageVersion } from '../version.js';

const LEVELS: Record<Severity, 'note' | 'warning' | 'error'> = { LOW: 'note', MEDIUM: 'warning', HIGH: 'error', CRITICAL: 'error' };

/**
 * GitHub knows one severity per rule, and the number decides on it: 7.0 to 8.9 is high. Each result has its own severity besides, as
 * `level` and in `properties`.
 */
const SECURITY_SEVERITY = '8.6';

const NOTIFICATIONS = [
  { id: 'input', shortDescription: { text: 'A problem with the input; the rest was analysed all the same.' } },
  { id: 'no-server', shortDescription: { text: 'There was nothing to judge.' } },
  { id: 'baseline', shortDescription: { text: 'The baseline accepts more than there is.' } },
];

export function sarif({ root, report, accepted, baseline }: CheckResult): unknown {
  const { prefix } = repositoryOf(root);
  const rules = engineRules();
  const ruleIndex = new Map(rules.map((rule, index) => [rule.name, index]));
  const seen = new Map<string, number>();
  const all = [
    ...report.findings.findings.map((finding) => ({ finding, suppressions: baseline ? { suppressions: [] as unknown[] } : {} })),
    ...accepted.map(({ finding, entry }) => ({ finding, suppressions: { suppressions: [suppression(entry.note)] as unknown[] } })),
  ];
  const results = all.map(({ finding, suppressions }) => {
    const occurrence = seen.get(finding.fingerprint) ?? 0;
    seen.set(finding.fingerprint, occurrence + 1);
    return { ...result(finding, ruleIndex.get(finding.rule), occurrence, prefix), ...suppressions };
  });
  const version = packageVersion();
  const remarks = [
    ...(isWithoutServer(report, accepted) ? [remark('no-server', 'warning', nothingFound(report))] : []),
    ...(baseline && baseline.unused.length > 0 ? [remark('baseline', 'note', unusedText(baseline))] : []),
  ];
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'authlint',
            version,
            semanticVersion: version,
            informationUri: 'https://www.npmjs.com/package/authlint',
            rules: rules.map((rule) => descriptor(rule, version)),
            notifications: NOTIFICATIONS,
          },
        },
        // A category of its own per project of a repository: uploads do not replace one another.
        automationDetails: { id: `authlint/${prefix}` },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { '%SRCROOT%': { description: { text: 'The root of the repository.' } } },
        invocations: [{ executionSuccessful: true, toolExecutionNotifications: [...report.findings.errors.map((error) => notification(error, prefix)), ...remarks] }],
        results,
      },
    ],
  };
}

function descriptor({ name, summary, cwe, owasp, controls }: RuleMeta, version: string): unknown {
  const page = ruleExplanation(name);
  return {
    id: name,
    name: name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: `${summary}.` },
    fullDescription: { text: firstParagraph(page) },
    // Links between pages lead nowhere there.
    help: { text: plain(page), markdown: page.replace(/\]\(([\w-]+)\.md\)/g, (_, other: string) => `](${ruleUrl(other, version)})`) },
    helpUri: ruleUrl(name, version),
    defaultConfiguration: { level: 'error' },
    properties: {
      precision: 'high',
      'problem.severity': 'error',
      'security-severity': SECURITY_SEVERITY,
      tags: ['security', ...cwe.map((id) => `external/cwe/${id.toLowerCase()}`), `external/owasp-api/${owasp}`, ...controls],
    },
  };
}

function result(finding: Finding, ruleIndex: number | undefined, occurrence: number, prefix: string): object {
  const { rule, severity, message, fingerprint, endpoint } = finding;
  const own = (step: TraceStep) => step.file === finding.file && step.line === finding.line;
  const steps = finding.trace.map((step) => ({ ...place(step.file, own(step) ? region(finding) : { startLine: step.line }, prefix), message: { text: step.message } }));
  const related = finding.trace.flatMap((step, index) => (own(step) ? [] : [{ id: index, ...steps[index] }]));
  const subject = endpoint ? `${endpoint.method} ${endpoint.path}` : undefined;
  return {
    ruleId: rule,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    kind: 'fail',
    level: LEVELS[severity],
    rank: (100 * (SEVERITIES.indexOf(severity) + 1)) / SEVERITIES.length,
    message: { text: message },
    locations: [{ ...place(finding.file, region(finding), prefix), ...(subject === undefined ? {} : { logicalLocations: [{ fullyQualifiedName: subject, kind: 'endpoint' }] }) }],
    ...(related.length > 0 ? { relatedLocations: related } : {}),
    ...(steps.length > 0 ? { codeFlows: [{ threadFlows: [{ locations: steps.map((location) => ({ location })) }] }] } : {}),
    partialFingerprints: { 'authlint/v1': `${fingerprint}:${occurrence + 1}` },
    ...(finding.edit ? { fixes: [fix(finding.edit, finding.suggestion ?? '', prefix)] } : {}),
    properties: { severity, ...(subject === undefined ? {} : { endpoint: subject }) },
  };
}

function fix({ file, line, column, insert }: Edit, suggestion: string, prefix: string): object {
  const { artifactLocation } = place(file, {}, prefix).physicalLocation;
  const deletedRegion = { startLine: line, startColumn: column, endLine: line, endColumn: column };
  return { description: { text: suggestion }, artifactChanges: [{ artifactLocation, replacements: [{ deletedRegion, insertedContent: { text: insert } }] }] };
}

function notification(error: InputError, prefix: string): object {
  const { file, line, message } = error;
  const isFolder = file === '.' || file === '';
  return { level: hidesCode(error) ? 'error' : 'warning', descriptor: { id: 'input' }, message: { text: message }, ...(isFolder ? {} : { locations: [place(file, { startLine: Math.max(1, line) }, prefix)] }) };
}

function remark(id: string, level: 'note' | 'warning', text: string): object {
  return { level, descriptor: { id }, message: { text } };
}

function unusedText(baseline: NonNullable<CheckResult['baseline']>): string {
  const { headline, rows } = unusedSummary(baseline);
  return [`${headline}:`, ...rows].join('\n');
}

function suppression(note: string | undefined): object {
  return { kind: 'external', status: 'accepted', ...(note ? { justification: note } : {}) };
}

function place(file: string, region: object, prefix: string) {
  const uri = (prefix + file).split('/').map(encodeURIComponent).join('/');
  return { physicalLocation: { artifactLocation: { uri, uriBaseId: '%SRCROOT%' }, region } };
}

/**
 * A range over several lines ends with its first: GitHub shows an alert in a pull request only where all of its lines were changed.
 */
function region({ line, column, endLine, endColumn }: Finding): object {
  return { startLine: line, startColumn: column, ...(endLine === line ? { endLine, endColumn } : {}) };
}

function firstParagraph(markdown: string): string {
  return plain(markdown.replace(/^##.*\n+/, '').split(/\n\n/)[0] ?? '').replace(/\s*\n\s*/g, ' ');
}

/** Markdown without emphasis and links; code and lists read well as they are. */
function plain(markdown: string): string {
  return markdown.replace(/^#+ /gm, '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/\*(\S[^*]*)\*/g, '$1');
}
