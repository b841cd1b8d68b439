/** Sentences that several commands end with. */
import type { CheckResult } from '../check-result.js';
import type { Auth, Endpoint, Report } from '../report.js';
import { count, harmlessLine, paintAuth, type Colors } from './terminal.js';

/** The frameworks whose servers are found, as said to people. */
const FRAMEWORKS = 'Express, Fastify and Next.js';

export function nothingFound({ findings: { stats } }: Report): string {
  return `No server found: looked at ${count(stats.files, 'file')} for ${FRAMEWORKS}. Is this the right folder? (--root)`;
}

/** Whether there is nothing to judge: a wrong folder, perhaps. */
export function isWithoutServer({ inventory, findings }: Report, accepted: readonly unknown[] = []): boolean {
  return inventory.endpoints.length === 0 && findings.findings.length === 0 && accepted.length === 0;
}

/** What is to be said of entries of a baseline that accept more than there is: a headline, and a line for each. */
export function unusedSummary({ path, unused }: NonNullable<CheckResult['baseline']>): { headline: string; rows: string[] } {
  const isOne = unused.length === 1;
  const subject = `${count(unused.length, 'entry', 'entries')} of ${harmlessLine(path)}`;
  const partly = unused.filter(({ used }) => used !== undefined).length;
  const what =
    partly === 0
      ? `${isOne ? 'is' : 'are'} not needed any more; --update-baseline takes ${isOne ? 'it' : 'them'} out`
      : `${isOne ? 'accepts' : 'accept'} more than there is; --update-baseline ${partly === unused.length ? `lowers the ${isOne ? 'count' : 'counts'}` : 'takes them out or lowers the count'}`;
  const rows = unused.map(({ endpoint, rule, file, fingerprint, count: number, used }) =>
    [endpoint ?? fingerprint, rule, file, used === undefined ? undefined : `(${used} of ${number} left)`].filter((part) => part !== undefined).map((part) => harmlessLine(part)).join('  '),
  );
  return { headline: `${subject} ${what}`, rows };
}

/** `154 endpoints: 101 need authentication, 3 know the caller but serve anyone, 40 need none, 10 could not be decided`. */
export function endpointSummary(endpoints: readonly Endpoint[], colors: Colors): string {
  // For one, and for several.
  const words: Record<Auth, [string, string]> = {
    required: ['needs authentication', 'need authentication'],
    optional: ['knows the caller but serves anyone', 'know the caller but serve anyone'],
    none: ['needs none', 'need none'],
    unknown: ['could not be decided', 'could not be decided'],
  };
  const parts = (Object.keys(words) as Auth[]).flatMap((auth) => {
    const number = endpoints.filter((endpoint) => endpoint.auth === auth).length;
    return number === 0 ? [] : [paintAuth(colors, auth)(`${number} ${words[auth][number === 1 ? 0 : 1]}`)];
  });
  return `${count(endpoints.length, 'endpoint')}: ${parts.join(', ')}`;
}
