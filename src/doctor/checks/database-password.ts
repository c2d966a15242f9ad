import { failure, ok, skipped } from '../check.ts';
import { dockerCheck } from '../docker-check.ts';

export const databasePassword = dockerCheck(
  { id: 'DKR-12', title: 'the database takes the password of .env', needs: ['DKR-06'] },
  ({ passwordFits }) => {
    if (passwordFits === undefined) return skipped('no database runs that could be asked');
    if (passwordFits) return ok('signed in');
    return failure(
      'the database refuses POSTGRES_PASSWORD of .env: its volume keeps the one it was first started with',
      'put the old POSTGRES_PASSWORD back into .env\nmcpgw up',
    );
  },
);
