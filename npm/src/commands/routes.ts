/** `authlint routes`: the inventory of all endpoints. */
import { printInventory } from '../print/inventory.js';
import { analyse, printJson, type CommonOptions } from './common.js';

/** Gives the exit code. */
export async function runRoutes(options: CommonOptions): Promise<number> {
  const { report } = await analyse(options);
  if (options.format === 'json') printJson({ ...report.inventory, errors: report.findings.errors });
  else printInventory(report, process.stdout);
  return 0;
}
