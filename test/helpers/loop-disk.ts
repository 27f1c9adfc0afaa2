/** A disk of one's own that can lose its power: a file system in an image, of which a copy holds what had reached it. */
import { execFile, execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, rename, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { until } from './until.ts';

const run = promisify(execFile);

const MKFS = ['-q', '-F', '-E', 'lazy_itable_init=0,lazy_journal_init=0'];
const COPY_WITHIN_MS = 20_000;
const STOPPED_WITHIN_MS = 10_000;

/** Why there can be no such disk here; null: there can. */
export function whyNoLoopDisk(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'relay-disk-'));
  const image = join(folder, 'image');
  try {
    execFileSync('truncate', ['-s', '4M', image]);
    execFileSync('mkfs.ext4', [...MKFS, image], { stdio: 'ignore' });
    execFileSync('mount', ['-o', 'loop', image, folder], { stdio: 'ignore' });
    execFileSync('umount', [folder]);
    return null;
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return missing ? 'there is no mkfs.ext4 or mount' : 'there are no rights to mount an image of a disk';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export class LoopDisk {
  /** Where it is mounted. */
  readonly path: string;
  readonly #image: string;
  /** The image of what was left. */
  #left: string | null = null;
  readonly #unmount = () => void execFileSync('umount', ['-l', this.path]);

  private constructor(image: string, path: string) {
    this.#image = image;
    this.path = path;
    process.once('exit', this.#unmount);
  }

  /** A new one, mounted at `path`; its image lies beside that. */
  static async make(path: string, { mebibytes }: { readonly mebibytes: number }): Promise<LoopDisk> {
    const image = `${path}.img`;
    await writeFile(image, '');
    await truncate(image, mebibytes * 2 ** 20);
    await run('mkfs.ext4', [...MKFS, image]);
    return LoopDisk.#mounted(image, path);
  }

  static async #mounted(image: string, path: string): Promise<LoopDisk> {
    await mkdir(path, { recursive: true });
    await run('mount', ['-o', 'loop', image, path]);
    return new LoopDisk(image, path);
  }

  /**
   * What would be left if the power went now, mounted at `path`. Nobody may write meanwhile. What a program wrote and
   * nobody synced is in the memory of the mounted file system, not in the image.
   */
  async afterPowerLoss(path: string): Promise<LoopDisk> {
    const image = `${path}.img`;
    await this.#copy(image);
    return LoopDisk.#mounted(image, path);
  }

  /** The power goes: what is written from now on is lost. Nobody may write meanwhile. */
  async cut(): Promise<void> {
    this.#left = `${this.#image}.left`;
    await this.#copy(this.#left);
  }

  /** What was left when the power went is in the place of the disk; nothing where it never went. Nobody may use it. */
  async powerUp(): Promise<void> {
    if (this.#left === null) return;
    await run('umount', [this.path]);
    await rename(this.#left, this.#image);
    await run('mount', ['-o', 'loop', this.#image, this.path]);
    this.#left = null;
  }

  async #copy(image: string): Promise<void> {
    await until(async () => {
      const before = this.#writes();
      await run('cp', ['--sparse=always', this.#image, image]);
      // The system writes back by itself every few seconds: a copy that was made at the same time is of no moment.
      return before === this.#writes();
    }, COPY_WITHIN_MS);
  }

  /** For good, with its image. May be called where somebody still uses it. */
  remove(): void {
    process.off('exit', this.#unmount);
    this.#unmount();
    rmSync(this.#image);
  }

  /** Changes with everything that reaches the image. */
  #writes(): string {
    const device = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .find((line) => line.split(' ')[1] === this.path)
      ?.split(' ')[0];
    const fields = readFileSync(`/sys/block/${basename(device ?? '')}/stat`, 'utf8')
      .trim()
      .split(/ +/);
    // Writes that are done, and all that are under way.
    return `${fields[4]} ${fields[8]}`;
  }
}

/** By SIGSTOP; resolves when none of its threads runs any more. */
export async function freeze(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  const isStopped = (file: string) => /\) T /.test(readFileSync(file, 'latin1'));
  await until(() => globSync(`/proc/${pid}/task/*/stat`).every(isStopped), STOPPED_WITHIN_MS);
}
