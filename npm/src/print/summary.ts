/** Sentences that several commands end with. */
import type { Auth, Endpoint } from '../report.js';
import { count, paintAuth, type Colors } from './terminal.js';

/** The frameworks whose servers are found, as said to people. */
const FRAMEWORKS = 'Express, Fastify and Next.js';

export function nothingFound(files: number): string {
  return `No server found: looked at ${count(files, 'file')} for ${FRAMEWORKS}. Is this the right folder? (--root)`;
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
