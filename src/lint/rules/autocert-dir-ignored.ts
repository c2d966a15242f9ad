import type { Rule } from '../rule.ts';
import { pomeriumService } from '../subject.ts';

export const autocertDirIgnored: Rule = {
  id: 'AUTOCERT_DIR_IGNORED',
  severity: 'warning',
  title: '`autocert_dir` does not stand in the file of a container',
  why: 'Pomerium’s images set AUTOCERT_DIR=/data/autocert, and the environment beats the file.',
  fix: 'delete it and mount a volume at /data/autocert, or set AUTOCERT_DIR in the compose file',
  source: 'Pomerium v0.33.1 Dockerfile',
  *check(subject) {
    if (!pomeriumService(subject) || subject.config.data['autocert_dir'] === undefined) return;
    yield {
      path: ['autocert_dir'],
      message: '`autocert_dir` has no effect in Pomerium’s image',
      mends: [{ path: ['autocert_dir'], value: undefined }],
    };
  },
};
