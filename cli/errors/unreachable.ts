/** AWS or the installation could not be asked: credentials, Region, endpoint. The command line exits with 3. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}
