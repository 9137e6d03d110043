/** The error if credentials, Region or endpoint do not lead to the installation. The command line exits with 3. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}
