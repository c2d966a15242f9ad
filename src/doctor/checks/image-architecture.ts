import { failure, ok } from '../check.ts';
import { dockerCheck } from '../docker-check.ts';

/** Emulation, where there is any, is slow and crashes Envoy. */
export const imageArchitecture = dockerCheck(
  { id: 'DKR-04', title: 'the images are made for this processor', needs: ['DKR-01'] },
  ({ images, architecture }) => {
    const wrong = images.find((image) => image.architecture !== undefined && image.architecture !== architecture);
    if (!wrong) return ok(architecture);
    return failure(
      `${wrong.name} is for ${wrong.architecture}, and the engine runs on ${architecture}`,
      `docker pull --platform linux/${architecture} ${wrong.name} && mcpgw up`,
    );
  },
);
