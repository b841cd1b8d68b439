/** Findings in `Bun.build`, which has no warnings of plugins: they go to the console, and what fails the build is thrown. */
import { analysisOf } from './analysis.js';
import { textOf } from './issue.js';
import type { Settings } from './options.js';
import { split } from './split.js';

/** What is used of Bun's `PluginBuilder`. */
export interface BunBuild {
  config?: { root?: string };
  onStart(callback: () => Promise<void>): unknown;
}

export function bunSetup(build: BunBuild, settings: Settings): void {
  build.onStart(async () => {
    const { failing, warnings, remarks, failure } = split(await analysisOf(settings, build.config?.root ?? process.cwd()).run(), settings.failOn);
    for (const text of [...remarks, ...warnings.map(textOf)]) console.warn(`authlint: ${text}\n`);
    const reasons = [...failing.map(textOf), ...(failure === undefined ? [] : [failure])];
    if (reasons.length > 0) throw new Error(`authlint: ${reasons.join('\n\n')}`);
  });
}
