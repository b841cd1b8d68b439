/**
 * What an analysis yields: the published contract, the same as `src/report/mod.rs` of the engine.
 * Lines and columns are 1-based, columns in UTF-16 code units, of which a byte order mark is one until
 * `byte-order-mark.ts` takes it off; paths are relative to the root, with `/`.
 */

export type Severity = 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL';

/** From the mildest to the worst. */
export const SEVERITIES: readonly Severity[] = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'];

/** Whether an endpoint rejects an anonymous caller before its work. */
export type Auth = 'required' | 'optional' | 'none' | 'unknown';

export interface Place {
  file: string;
  line: number;
}

/** One function that runs before an endpoint's work and concerns authentication. */
export interface Guard extends Place {
  name: string;
  effect: 'enforces' | 'attaches' | 'ineffective' | 'by-name' | 'unknown';
}

export interface Endpoint {
  /** An HTTP method in capitals, or `ALL`. */
  method: string;
  path: string;
  file: string;
  line: number;
  column: number;
  framework: string;
  auth: Auth;
  /** Why the verdict is what it is, in one sentence. */
  why: string;
  role: boolean;
  exempt: 'health' | 'docs' | 'authentication' | 'public' | 'webhook' | 'static' | null;
  guards: Guard[];
  handler: Place | null;
  effects: string[];
  /** The rules with a finding on this endpoint, and the worst severity among them. */
  rules: string[];
  severity: Severity | null;
}

/** Something that the analysis could not see, with the reason. */
export interface Unknown extends Place {
  why: string;
}

export interface Inventory {
  schema: 'authlint/routes@1';
  root: string;
  endpoints: Endpoint[];
  unknown: Unknown[];
}

/** A labelled place of a finding's trace. */
export interface TraceStep extends Place {
  message: string;
}

export interface Finding {
  rule: string;
  severity: Severity;
  message: string;
  file: string;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  endpoint: { method: string; path: string } | null;
  trace: TraceStep[];
  cwe: string[];
  fingerprint: string;
  /** What would mend it, in one sentence, where that is certain. */
  suggestion: string | null;
  /** The same for a machine. */
  edit: Edit | null;
}

/** Text to be inserted before a place. */
export interface Edit extends Place {
  column: number;
  insert: string;
}

/** A problem with the input; the rest is analysed all the same. */
export interface InputError extends Place {
  message: string;
  /** The specifier of an import that leads nowhere: compilers and other linters say that as well. */
  import?: string;
}

/**
 * Whether code stayed unseen because of it, so that "no findings" would promise too much. An import that leads nowhere may be of what is
 * generated later, and others report it.
 */
export function hidesCode({ import: specifier }: InputError): boolean {
  return specifier === undefined;
}

export interface Stats {
  /** Files that were looked at. */
  files: number;
  /** Files that were parsed. */
  parsed: number;
  endpoints: number;
  ms: number;
}

export interface Findings {
  schema: 'authlint/findings@1';
  findings: Finding[];
  errors: InputError[];
  stats: Stats;
}

export interface Report {
  inventory: Inventory;
  findings: Findings;
}
