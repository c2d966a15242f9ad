import type { ProgressLine } from './docker-api.ts';

/** How much of the images has come; layers that several images share are counted once. */
export interface PullProgress {
  take(image: string, line: ProgressLine): void;
  /** `12.4 of 80.1 MB, 2 of 3 images`. */
  summary(): string;
  done(image: string): void;
}

const DONE = new Set(['Download complete', 'Already exists', 'Pull complete', 'Layer already exists']);

export function countPull(images: readonly string[]): PullProgress {
  const layers = new Map<string, { current: number; total: number }>();
  const finished = new Set<string>();
  return {
    take: (_image, { id, status = '', progressDetail }) => {
      if (id === undefined) return;
      const known = layers.get(id);
      if (status === 'Downloading' && progressDetail?.total !== undefined)
        layers.set(id, { current: progressDetail.current ?? 0, total: progressDetail.total });
      else if (DONE.has(status) && known) layers.set(id, { ...known, current: known.total });
    },
    done: (image) => void finished.add(image),
    summary: () => {
      const all = [...layers.values()];
      const total = all.reduce((sum, layer) => sum + layer.total, 0);
      const current = all.reduce((sum, layer) => sum + layer.current, 0);
      const bytes = total === 0 ? '' : `${inMegabytes(current)} of ${inMegabytes(total)} MB, `;
      return `${bytes}${finished.size} of ${images.length} image${images.length === 1 ? '' : 's'}`;
    },
  };
}

function inMegabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
