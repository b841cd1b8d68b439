/**
 * Speed and peak memory of `authlint routes` on a folder, beside oxlint with its default rules: whole processes, each on one thread
 * and on all cores; authlint cold, and warm with what the run before has cached. Medians; the tools take turns, so that a slow moment of the
 * machine hits all of them. With `--eslint`, also what authlint adds to a run of ESLint.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { eslint } from './eslint.mjs';
import { measure, median } from './measure.mjs';

const HELP = `cargo xtask bench [DIR] [--runs N] [--only authlint|oxlint|eslint] [--eslint] [--save FILE]

  DIR           the folder to measure on (default: demo/)
  --runs N      runs of each tool, at least 5 (default: 7)
  --only TOOL   leave the other tools out
  --eslint      also ESLint with its parser alone, with one empty rule, and with authlint
  --save FILE   also write the figures to a file, as JSON`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '7' }, only: { type: 'string' }, eslint: { type: 'boolean' }, save: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const root = positionals[0] ?? here('../../demo');
const runs = Math.max(5, Number(values.runs) || 7);
const cores = availableParallelism();
const scratch = mkdtempSync(join(tmpdir(), 'authlint-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const contenders = [...authlint(), ...oxlint(), ...(values.eslint ? eslint(root, scratch) : [])].filter((contender) => values.only === undefined || contender.tool === values.only);
for (const contender of contenders) await contender.run(); // The file system's cache is warm from here on, for all.
for (let round = 0; round < runs; round++) {
  for (const contender of contenders) contender.samples.push(await contender.run());
}
print();
if (values.save) save(values.save);

function authlint() {
  const contender = (threads, isWarm) => {
    const args = [here('../../npm/bin/authlint.js'), 'routes', '--root', root, '--format', 'json', '--threads', String(threads), '--timings'];
    return { tool: 'authlint', threads, isWarm, label: name('authlint', threads, isWarm ? ', warm' : ''), samples: [], run: () => measure(isWarm ? args : [...args, '--no-cache'], [0]) };
  };
  return [...threadCounts().map((threads) => contender(threads, false)), contender(1, true)];
}

function oxlint() {
  const bin = here('../node_modules/oxlint/bin/oxlint');
  if (!existsSync(bin)) {
    console.log('oxlint is not installed: npm ci in js-tests/');
    return [];
  }
  const config = join(scratch, 'empty.json');
  writeFileSync(config, '{}');
  return threadCounts().map((threads) => {
    const args = [bin, '-c', config, '--disable-nested-config', `--threads=${threads}`, root];
    return { tool: 'oxlint', threads, label: name('oxlint', threads), samples: [], run: () => measure(args, [0, 1]) };
  });
}

function threadCounts() {
  return cores === 1 ? [1] : [1, cores];
}

function timings(contender) {
  const all = contender.samples.map((sample) => JSON.parse(sample.stderr.trim().split('\n').at(-1)));
  return Object.fromEntries(Object.keys(all[0]).map((key) => [key, median(all.map((one) => one[key]))]));
}

function figures(contender) {
  const ms = contender.samples.map((sample) => sample.ms);
  return { ms: median(ms), fastest: Math.min(...ms), slowest: Math.max(...ms), cpu: median(contender.samples.map((sample) => sample.cpu)), mb: median(contender.samples.map((sample) => sample.mb)) };
}

function name(tool, threads, more = '') {
  return `${tool}, ${threads} thread${threads === 1 ? '' : 's'}${more}`;
}

function print() {
  console.log(`\n${root}\n${runs} runs each, medians; Node ${process.version}, ${cores} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}\n`);
  console.log(`${''.padEnd(28)}${'time'.padStart(10)}${'fastest'.padStart(10)}${'slowest'.padStart(10)}${'processor'.padStart(11)}${'memory'.padStart(10)}`);
  for (const contender of contenders) {
    const { ms, fastest, slowest, cpu, mb } = figures(contender);
    const times = [ms, fastest, slowest].map((value) => `${value.toFixed(0)} ms`.padStart(10)).join('');
    console.log(`${contender.label.padEnd(28)}${times}${`${cpu.toFixed(0)} ms`.padStart(11)}${`${mb.toFixed(0)} MB`.padStart(10)}`);
  }
  printAdded();
  const own = contenders.filter((contender) => contender.tool === 'authlint').map((contender) => [contender, timings(contender)]);
  if (own.length === 0) return;
  const phases = {
    discover: 'list files',
    cache: 'cache',
    load: 'load the engine',
    read: 'read (all threads)',
    scan: 'scan (all threads)',
    lower: 'parse + lower (all threads)',
    interpret: 'interpret',
    report: 'endpoints, rules, report',
    total: 'analysis, on the clock',
    sinceStart: 'with the start of Node',
  };
  console.log(`\n${'authlint, in ms'.padEnd(30)}${own.map(([contender]) => contender.label.replace('authlint, ', '').padStart(18)).join('')}`);
  for (const [phase, label] of Object.entries(phases)) {
    console.log(`  ${label.padEnd(28)}${own.map(([, times]) => (times[phase] ?? 0).toFixed(1).padStart(18)).join('')}`);
  }
}

/** What authlint adds to ESLint alone, and to ESLint with a rule that does nothing. */
function printAdded() {
  const hosted = contenders.filter((contender) => contender.tool === 'eslint');
  const bases = hosted.filter((contender) => contender.isBase);
  for (const other of hosted.filter((contender) => !contender.isBase)) {
    // The runs of one round stand next to one another: their differences say more than the difference of medians.
    const added = (base, key) => median(other.samples.map((sample, index) => sample[key] - base.samples[index][key]));
    const share = (base, key) => `${added(base, key) >= 0 ? '+' : ''}${added(base, key).toFixed(0)} ms, ${((100 * added(base, key)) / figures(base)[key]).toFixed(1)} %`;
    const rules = median(other.samples.map((sample) => sample.rules));
    const ofRest = median(other.samples.map((sample) => (100 * sample.rules) / (sample.ms - sample.rules)));
    console.log(`${other.label}, in the rules by ESLint's own count: ${rules.toFixed(0)} ms, ${ofRest.toFixed(1)} % of the rest`);
    for (const base of bases) console.log(`  over ${base.label.replace('ESLint, ', '')}: ${share(base, 'ms')} (processor: ${share(base, 'cpu')})`);
  }
}

function save(file) {
  const results = contenders.map((contender) => ({
    tool: contender.tool,
    threads: contender.threads,
    label: contender.label,
    ...figures(contender),
    ...(contender.tool === 'authlint' ? { timings: timings(contender) } : {}),
  }));
  writeFileSync(file, `${JSON.stringify({ root, runs, cores, node: process.version, results }, null, 2)}\n`);
}
