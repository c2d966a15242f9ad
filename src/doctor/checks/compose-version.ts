import { failure, ok } from '../check.ts';
import { dockerCheck } from '../docker-check.ts';

/** `docker compose config --no-interpolate` and long-form mounts as we write them. */
const OLDEST = 2;

export const composeVersion = dockerCheck(
  { id: 'DKR-02', title: 'the Compose plugin is there, version 2 or later', needs: ['DKR-01'] },
  ({ composeVersion: version }) => {
    const fix = 'install the package docker-compose-plugin    # https://docs.docker.com/compose/install/';
    if (version === undefined) return failure('docker compose does not answer', fix);
    return Number.parseInt(version, 10) >= OLDEST
      ? ok(`Compose ${version}`)
      : failure(`Compose ${version} is too old`, fix);
  },
);
