/** The option `include`: the files in which findings are reported. A `*` means what it does in the `ignore` of the configuration. */
import ignore, { type Ignore } from 'ignore';

export class Include {
  readonly #entries: { path: string; matcher: Ignore | undefined }[];

  constructor(paths: readonly string[]) {
    this.#entries = paths.map((path) => ({ path, matcher: path === '' ? undefined : matcherOf(path) }));
  }

  has(file: string): boolean {
    return this.#entries.length === 0 || this.#entries.some(({ matcher }) => !matcher || matches(matcher, file));
  }

  /** What is wrong with it in a project of these files: a mistake in a path must not switch the findings off unnoticed. */
  problem(root: string, files: readonly string[]): string | undefined {
    const unused = this.#entries.filter(({ matcher }) => matcher && !files.some((file) => matches(matcher, file)));
    if (unused.length === 0) return undefined;
    return `the option \`include\` names ${unused.map(({ path }) => `\`${path}\``).join(', ')}, which no file of the project matches; its root is ${root}`;
  }
}

/** The patterns of git, with a folder for all that lies in it; but `app/[id]` is a folder of Next.js, and names are exact. */
function matcherOf(path: string): Ignore {
  return ignore({ ignorecase: false }).add(`/${path.replace(/[\\[\]?]/g, '\\$&').replace(/\s+$/, (space) => space.replaceAll(' ', '\\ '))}`);
}

/** A file beside the root belongs to no entry. */
function matches(matcher: Ignore, file: string): boolean {
  return !file.startsWith('../') && matcher.ignores(file);
}
