/**
 * The command line. Exit codes: 0 clean, 1 findings or code that could not be read, 2 authlint could not run. What a command yields goes to standard output, everything
 * else to standard error.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { CheckOptions } from './commands/check.js';
import type { ExplainOptions } from './commands/explain.js';
import type { InitOptions } from './commands/init.js';
import type { RoutesOptions } from './commands/routes.js';
import { harmless } from './print/terminal.js';
import { SEVERITIES } from './report.js';
import { UserError } from './user-error.js';
import { packageVersion } from './version.js';

const CHECK_HELP = `
Examples:
  authlint check                            the project around the current folder; findings in this folder
  authlint check --root server              the project in server/
  authlint check src/routes                 only findings in this folder; the rest is analysed all the same
  authlint check --fail-on critical         findings below critical are printed, and the exit code stays 0
  authlint check --format sarif > a.sarif   for GitHub's code scanning; --format github annotates the pull request
  authlint check --changed-since main       only what this branch is to blame for
  authlint check --baseline known.json --update-baseline
                                            accept what is there now; from then on only --baseline known.json

Exit codes: 0 clean, 1 findings, or a file of the server could not be read or parsed, 2 authlint could not run.`;

const ROUTES_HELP = `
Examples:
  authlint routes                           a table for people
  authlint routes --format json             for programs: authlint/routes@1

Exit codes: 0 the inventory was printed, 2 authlint could not run.`;

/** Runs the command line and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  endQuietlyWhenNobodyReads();
  try {
    await program().parseAsync([...argv], { from: 'user' });
  } catch (error) {
    process.exitCode = report(error);
  }
}

function program(): Command {
  const root = new Command('authlint')
    .description('Finds the endpoints of a JavaScript or TypeScript server that an anonymous caller can reach.')
    .version(packageVersion(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .showHelpAfterError('(authlint --help lists what is possible)')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'authlint: ')) });

  const check = root
    .command('check')
    .summary('report endpoints that anyone can reach')
    .description('Reports the endpoints that an anonymous caller can reach and should not, with the way they are reached.')
    .argument('[paths...]', 'folders and files to report findings in (default: the whole project)')
    .addOption(format('text', 'json', 'sarif', 'github'))
    .addOption(new Option('--fail-on <severity>', 'exit with 1 only for findings from this severity on').choices([...severities(), 'never']))
    .option('--allow-errors', 'exit with 0 although a file could not be read or parsed')
    .option('--baseline <file>', 'findings that are accepted for now; only others count')
    .option('--update-baseline', 'write what is found now to the baseline')
    .option('--changed-since <ref>', 'only findings of what changed since this commit, branch or tag')
    .option('--watch', 'check again whenever a file changes')
    .addHelpText('after', CHECK_HELP)
    .action(async (paths: string[], options: CheckOptions) => {
      const { runCheck } = await import('./commands/check.js');
      process.exitCode = await runCheck(paths, options);
    });
  const routes = root
    .command('routes')
    .summary('list all endpoints and what guards them')
    .description('Lists all endpoints of the server: whether they need authentication, and which guards run before them.')
    .addOption(format('text', 'json'))
    .addHelpText('after', ROUTES_HELP)
    .action(async (options: RoutesOptions) => {
      const { runRoutes } = await import('./commands/routes.js');
      process.exitCode = await runRoutes(options);
    });
  for (const command of [check, routes]) addCommonOptions(command);
  root
    .command('explain')
    .summary('say what a rule does, and why')
    .description('Prints the page of a rule: what it does, why that is bad, when not to use it.')
    .argument('[rule]', 'the name of the rule')
    .option('--list', 'list all rules')
    .option('--examples', 'print the examples too')
    .helpOption('-h, --help', 'print this help')
    .action(async (rule: string | undefined, options: ExplainOptions) => {
      const { runExplain } = await import('./commands/explain.js');
      process.exitCode = runExplain(rule, options);
    });
  root
    .command('init')
    .summary('write a configuration, and say how to go on')
    .description('Writes authlint.config.json, and says which lines put authlint into the tools that this project uses. Changes no other file.')
    .option('--root <folder>', 'the project (default: found as for check)')
    .helpOption('-h, --help', 'print this help')
    .action(async (options: InitOptions) => {
      const { runInit } = await import('./commands/init.js');
      process.exitCode = runInit(options);
    });
  return root;
}

function addCommonOptions(command: Command): void {
  command
    .option('--root <folder>', 'the project to analyse (default: the workspace or package around the current folder)')
    .option('--config <file>', 'the configuration (default: authlint.config.{json,js,mjs,ts,…} in the package or the root)')
    .option('--threads <number>', 'threads to use (default: one per core)', threadCount)
    .option('--no-cache', 'neither use nor write cached results')
    .addOption(new Option('--timings', 'print where the time went, as JSON, to standard error').hideHelp())
    .helpOption('-h, --help', 'print this help');
}

function format(...choices: string[]): Option {
  return new Option('--format <format>', 'how to print').choices(choices).default('text');
}

function severities(): string[] {
  return SEVERITIES.map((severity) => severity.toLowerCase());
}

function threadCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 256) throw new InvalidArgumentError('It must be a number from 1 to 256.');
  return count;
}

/** Prints what went wrong and gives the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has printed it
  if (error instanceof UserError) {
    process.stderr.write(`authlint: ${harmless(error.message)}\n`);
    return 2;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`authlint: this is a defect of authlint, please report it.\n${text}\n`);
  return 2;
}

/** `authlint routes | head` closes the pipe early: that is no error. */
function endQuietlyWhenNobodyReads(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(process.exitCode ?? 0);
    });
  }
}
