/** Runs a Node program as its own process, and measures it from outside. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PEAK = fileURLToPath(new URL('./peak.mjs', import.meta.url));

/** Wall-clock milliseconds, milliseconds of processor time, peak megabytes, and what the program wrote to standard error; with `reads`, also what to standard output. */
export function measure(args, allowedCodes, options = {}) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(process.execPath, ['--import', PEAK, ...args], { ...options, stdio: ['ignore', options.reads ? 'pipe' : 'ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (data) => (stdout += data));
    let peak = '';
    let ms = 0;
    child.stderr.on('data', (data) => (stderr += data));
    child.stdio[3].on('data', (data) => (peak += data));
    child.on('error', reject);
    child.on('exit', () => (ms = performance.now() - start));
    child.on('close', (code) => {
      if (!allowedCodes.includes(code)) reject(new Error(`${args.join(' ')} ended with ${code}:\n${stderr}`));
      else resolve({ ms, cpu: Number(peak.split(' ')[1]), mb: Number(peak.split(' ')[0]) / 1024, stdout, stderr });
    });
  });
}

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
