/** The keys of a configuration that say what a host does with the findings; the engine knows nothing of them. */
import { SEVERITIES, type Severity } from '../report.js';
import { jsonProblem } from './json-shape.js';

export interface HostConfig {
  /** The severity from which a finding fails the run; `never`: none does. */
  failOn?: Severity | 'never';
  /** The file of accepted findings. */
  baseline?: string;
}

/** Separates the hosts' keys from the engine's. Throws an error that names the key. */
export function splitConfig(config: unknown): { value: unknown; host: HostConfig } {
  const problem = jsonProblem(config);
  if (problem !== undefined) throw new Error(problem);
  if (config === null) throw new Error('the configuration must be an object, not null');
  if (typeof config !== 'object' || Array.isArray(config)) return { value: config, host: {} };
  const { failOn, baseline, ...value } = config as Record<string, unknown>;
  const host: HostConfig = {};
  if (failOn !== undefined) host.failOn = parseFailOn(failOn);
  if (baseline !== undefined) {
    if (typeof baseline !== 'string' || baseline === '') throw new Error(`\`baseline\` must be the path of a file, not ${shown(baseline)}`);
    host.baseline = baseline;
  }
  if ('$schema' in value && typeof value['$schema'] !== 'string') throw new Error(`\`$schema\` must be a string, not ${shown(value['$schema'])}`);
  return { value, host };
}

/** The engine's list of keys knows only its own. */
export function completeKeys(message: string): string {
  return message.replace(/^(unknown key `[^`.]+`; the keys are .*)$/, '$1, failOn, baseline');
}

function parseFailOn(value: unknown): Severity | 'never' {
  if (value === 'never') return value;
  const severity = typeof value === 'string' ? SEVERITIES.find((name) => name === value.toUpperCase()) : undefined;
  if (severity === undefined) throw new Error(`\`failOn\` must be "low", "medium", "high", "critical" or "never", not ${shown(value)}`);
  return severity;
}

/** A string itself, of everything else what it is: in the engine's words. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
