import { failure, ok } from '../check.ts';
import { dockerCheck } from '../docker-check.ts';
import { shellWord } from '../words.ts';

/** Compose tells projects apart by name alone: two of one name replace each other’s containers. */
export const containerNames = dockerCheck(
  { id: 'DKR-05', title: 'no other folder uses this project’s name', needs: ['DKR-01'] },
  ({ foreignFolder }) => {
    if (foreignFolder === undefined) return ok('the containers are this folder’s');
    return failure(
      `${foreignFolder} has containers of the same project name`,
      `edit docker-compose.yaml: another \`name:\`    # or: cd ${shellWord(foreignFolder)} && mcpgw down`,
    );
  },
);
