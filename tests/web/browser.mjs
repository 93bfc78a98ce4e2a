// Debian's Chromium, driven by playwright-core below build/web; nothing is downloaded by it.
// Run by itself, says where the Nu validator lies.
import { createRequire } from 'node:module';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const require = createRequire(fileURLToPath(new URL('../../build/web/', import.meta.url)));
const { chromium } = require('playwright-core');

export const axeSource = require('axe-core').source;
export const validator = require.resolve('vnu-jar/build/dist/vnu.jar');

export function browse() {
  const path = process.env.CHROMIUM ??
    execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim();
  return chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(validator);
