/** Findings where a host takes text only (Farm, Bun, Next.js): printed one by one, and an error is thrown where the build is to fail. */
import type { Settings } from './options.js';
import type { Result } from './protocol.js';
import { describeChange, type News } from './changes.js';

/** Says something in the host's own way. */
export type Log = Record<News['level'], (text: string) => void>;

export function reportAsText(result: Result, settings: Settings, log: Log): void {
  const news = describeChange(result, undefined, settings);
  for (const { level, text } of news) log[level](`authlint: ${text}${text.includes('\n') ? '\n' : ''}`);
  const failures = news.filter(({ level }) => level === 'error').length;
  if (failures === 0) return;
  const error = new Error(`authlint fails the build: ${failures === 1 ? 'see the problem' : `see the ${failures} problems`} above`);
  error.stack = `${error.name}: ${error.message}`; // Where this was thrown tells nobody anything.
  throw error;
}
