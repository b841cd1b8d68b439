/** One line on a terminal that says how far a long run is. */
import type { Progress } from '../project.js';
import { count, type Output } from './terminal.js';

const QUIET_MS = 500;
const REDRAW_MS = 80;

export class ProgressLine {
  readonly #output: Output;
  #next = performance.now() + QUIET_MS;
  #drawn = false;

  constructor(output: Output) {
    this.#output = output;
  }

  readonly update = (progress: Progress): void => {
    const now = performance.now();
    if (!this.#output.isTTY || now < this.#next) return;
    this.#next = now + REDRAW_MS;
    this.#drawn = true;
    this.#output.write(`\r\u001b[2K${describe(progress)}`);
  };

  clear(): void {
    if (this.#drawn) this.#output.write('\r\u001b[2K');
    this.#drawn = false;
  }
}

function describe({ phase, done, total }: Progress): string {
  if (phase === 'discover') return 'listing files …';
  const of = `${done.toLocaleString('en-US')} of ${count(total, 'file')}`;
  return phase === 'read' ? `looking for the server: ${of}` : `following its imports: ${of}`;
}
