/**
 * Findings in Next.js. Turbopack has no plugins, so the configuration is where authlint comes in: Next loads it before a build, which
 * waits for the analysis, and when its development server starts, beside which the project is watched.
 */
import { colorsFor, type Colors } from '../print/terminal.js';
import { analysisOf, type Analysis } from './analysis.js';
import { Changes, describeChange } from './changes.js';
import type { Settings } from './options.js';
import { ProjectWatcher } from './project-watcher.js';
import { reportAsText, type Log } from './text.js';

/** Next's names for what it loads its configuration for. */
const BUILD = 'phase-production-build';
const DEVELOPMENT = 'phase-development-server';

/** Next loads its configuration in several processes and inherits this to those that it starts. */
const MARK = '__AUTHLINT_NEXT';

/** What happens where Next loads its configuration, which stands in `folder`. Rejects where a finding fails the build. */
export async function onConfigLoaded(phase: string, folder: string, settings: Settings): Promise<void> {
  if (phase !== BUILD && phase !== DEVELOPMENT) return;
  const analysis = analysisOf(settings, folder);
  const mark = `${phase} ${analysis.root}`;
  if (process.env[MARK] === mark) return;
  process.env[MARK] = mark;
  if (phase === BUILD) reportAsText(await analysis.run(), settings, LOG);
  else observe(analysis, settings);
}

function observe(analysis: Analysis, settings: Settings): void {
  const changes = new Changes(analysis, (result, previous) => {
    watcher.add(result.files);
    for (const { level, text } of describeChange(result, previous, settings)) LOG[level](`authlint: ${text}`);
  });
  const watcher = new ProjectWatcher(analysis.root, changes, LOG.warn);
  changes.look();
}

const colors = (): Colors => colorsFor(process.stdout);

/** As Next's own messages look. */
const LOG: Log = {
  error: (text) => console.error(` ${colors().bold(colors().red('⨯'))} ${text}`),
  warn: (text) => console.warn(` ${colors().bold(colors().yellow('⚠'))} ${text}`),
  info: (text) => console.log(` ${colors().bold(colors().green('✓'))} ${text}`),
};
