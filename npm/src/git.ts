/** What git says about a project: its repository, and what changed since a commit. */
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { UserError } from './user-error.js';

/** The repository around a folder; without one, the folder itself. `prefix` leads from there to the folder: `''` or `server/`. */
export function repositoryOf(folder: string): { root: string; prefix: string } {
  const real = realpathSync(folder);
  for (let root = real; ; root = dirname(root)) {
    if (existsSync(join(root, '.git'))) return { root, prefix: root === real ? '' : `${relative(root, real).split(sep).join('/')}/` };
    if (dirname(root) === root) return { root: real, prefix: '' };
  }
}

/** A comparison of the project, as it lies on disk, with an earlier commit. */
export interface Changes {
  /** Relative to the project's root, with `/`: changed, added, deleted and untracked files. */
  files: Set<string>;
  /** What stood in these files in the earlier commit; nothing, where one was not there. */
  before(files: readonly string[]): Map<string, Buffer>;
  /** Of any file of the repository, by its absolute path: nothing, where it did not change; without `text`, it was not there. */
  earlier(path: string): { text: string | undefined } | undefined;
}

/**
 * What changed since the commit where this branch left `ref`, as a pull request shows it, and on disk since. Throws a {@link UserError}.
 */
export function changesSince(root: string, ref: string): Changes {
  const { root: repository, prefix } = repositoryOf(root);
  const git = (...args: string[]) => run(repository, args);
  const option = `--changed-since ${ref}`;
  if (ref.startsWith('-')) throw new UserError(`${option}: this is no name of a commit`);
  const inside = git('rev-parse', '--is-inside-work-tree');
  if (inside.code !== 0) throw new UserError(`${option}: ${notARepository(root, inside)}`);
  const isShallow = git('rev-parse', '--is-shallow-repository').text.trim() === 'true';
  const hint = isShallow ? '. This clone is shallow, so that its history ends early: run `git fetch --unshallow` (in GitHub Actions: `fetch-depth: 0` for actions/checkout)' : '';

  const commit = git('rev-parse', '--verify', '--quiet', `${ref}^{commit}`);
  if (commit.code !== 0) throw new UserError(`${option}: git knows no commit, branch or tag ${ref}${hint}`);
  const base = git('merge-base', commit.text.trim(), 'HEAD');
  if (base.code !== 0) throw new UserError(`${option}: ${ref} and HEAD have no commit in common${hint}`);
  const from = base.text.trim();

  const changed = list(required(option, git('diff', '--name-only', '--no-renames', '--no-ext-diff', '-z', from, '--')));
  const untracked = list(required(option, git('ls-files', '--others', '--exclude-standard', '-z')));
  const all = new Set([...changed, ...untracked]);
  const files = new Set([...all].filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length)));
  return {
    files,
    before(wanted) {
      // One process for all of them; a name that holds the end of a line cannot be asked for.
      const names = wanted.filter((file) => !file.includes('\n'));
      const input = names.map((file) => `${from}:${prefix}${file}\n`).join('');
      return blobs(run(repository, ['cat-file', '--batch'], input).bytes, names);
    },
    earlier(path) {
      const name = within(repository, path);
      if (name === undefined || !all.has(name)) return undefined;
      const { code, text } = git('cat-file', 'blob', `${from}:${name}`);
      return { text: code === 0 ? text.replace(/^\uFEFF/, '') : undefined };
    },
  };
}

/** A path as git names it, of a file that may be gone; nothing outside of the repository. */
function within(repository: string, path: string): string | undefined {
  const folder = dirname(path);
  const name = relative(repository, join(existsSync(folder) ? realpathSync(folder) : folder, basename(path))).split(sep).join('/');
  return name.startsWith('../') ? undefined : name;
}

interface Output {
  code: number;
  text: string;
  bytes: Buffer;
  problem: string;
}

function run(cwd: string, args: string[], input?: string): Output {
  const result = spawnSync('git', args, { cwd, ...(input === undefined ? {} : { input }), maxBuffer: 1 << 30, env: { ...process.env, LC_ALL: 'C' } });
  const bytes = result.stdout ?? Buffer.alloc(0);
  const isMissing = (result.error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
  const problem = isMissing ? 'git is not installed' : (result.error?.message ?? result.stderr.toString('utf8').trim().split('\n')[0] ?? '');
  return { code: result.status ?? -1, text: bytes.toString('utf8'), bytes, problem };
}

/** The answers of `git cat-file --batch`, in the order of the questions: `ID blob SIZE`, the bytes; or `NAME missing`. */
function blobs(answer: Buffer, names: readonly string[]): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  let offset = 0;
  for (const name of names) {
    const end = answer.indexOf(0x0a, offset);
    if (end < 0) break;
    const [, kind, size] = /^[0-9a-f]+ (\w+) (\d+)$/.exec(answer.toString('utf8', offset, end)) ?? [];
    offset = end + 1;
    if (kind === undefined) continue;
    if (kind === 'blob') found.set(name, answer.subarray(offset, offset + Number(size)));
    offset += Number(size) + 1;
  }
  return found;
}

function notARepository(root: string, { problem }: Output): string {
  return /^fatal: not a git repository/.test(problem) ? `the project ${root} is not in a git repository` : problem.replace(/^fatal: /, '');
}

function required(option: string, { code, text, problem }: Output): string {
  if (code !== 0) throw new UserError(`${option}: ${problem.replace(/^fatal: /, '')}`);
  return text;
}

function list(text: string): string[] {
  return text.split('\0').filter((path) => path !== '');
}
