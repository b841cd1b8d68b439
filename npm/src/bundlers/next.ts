/**
 * Findings in Next.js. Turbopack has no plugins, so the configuration is where authlint comes in: Next loads it before a build, which
 * waits for the analysis, and when its development server starts, beside which the project is watched.
 */
import { resolve, sep } from 'node:path';
import { watch } from 'chokidar';
import { colorsFor, type Colors } from '../print/terminal.js';
import { analysisOf, type Analysis } from './analysis.js';
import { Changes, describeChange, type News } from './changes.js';
import type { Settings } from './options.js';

/** Next's names for what it loads its configuration for. */
const BUILD = 'phase-production-build';
const DEVELOPMENT = 'phase-development-server';

/** Next loads its configuration in several processes and inherits this to those that it starts. */
const MARK = '__AUTHLINT_NEXT';

/** What happens where Next loads its configuration. Rejects where a finding fails the build. */
export async function onConfigLoaded(phase: string, settings: Settings): Promise<void> {
  if (phase !== BUILD && phase !== DEVELOPMENT) return;
  const analysis = analysisOf(settings, process.cwd());
  const mark = `${phase} ${analysis.root}`;
  if (process.env[MARK] === mark) return;
  process.env[MARK] = mark;
  if (phase === BUILD) await check(analysis, settings);
  else observe(analysis, settings);
}

async function check(analysis: Analysis, settings: Settings): Promise<void> {
  const news = describeChange(await analysis.run(), undefined, settings.failOn);
  print(news);
  const failures = news.filter(({ level }) => level === 'error').length;
  if (failures === 0) return;
  const error = new Error(`authlint fails the build: ${failures === 1 ? 'see the problem' : `see the ${failures} problems`} above`);
  error.stack = `${error.name}: ${error.message}`; // Where this was thrown tells nobody anything.
  throw error;
}

function observe(analysis: Analysis, settings: Settings): void {
  const changes = new Changes(analysis, (result, previous) => print(describeChange(result, previous, settings.failOn)));
  const isHidden = (path: string) => path.slice(analysis.root.length).split(sep).some((name) => name === 'node_modules' || /^\.[^.]/.test(name));
  watch(analysis.root, { ignored: isHidden, ignoreInitial: true, persistent: false }).on('all', (_event, path) => changes.add(resolve(path)));
  changes.begin();
}

/** As Next's own messages look. */
function print(news: readonly News[]): void {
  const colors = colorsFor(process.stdout);
  for (const { level, text } of news) console[level](` ${sign(level, colors)} authlint: ${text}${text.includes('\n') ? '\n' : ''}`);
}

function sign(level: News['level'], { bold, red, yellow, green }: Colors): string {
  return bold(level === 'error' ? red('⨯') : level === 'warn' ? yellow('⚠') : green('✓'));
}
