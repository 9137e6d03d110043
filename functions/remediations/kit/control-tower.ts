/** Resources of AWS Control Tower, whose service control policies deny changes to anybody else. */

/** https://docs.aws.amazon.com/controltower/latest/controlreference/mandatory-controls.html */
const OWN_NAME = /^(?:StackSet-AWSControlTower|(?:\/aws\/lambda\/)?aws-controltower[-/])/;

/** Returns why a resource of this name cannot be changed, or undefined if it does not belong to Control Tower. */
export const controlTowerObstacle = (name: string): string | undefined =>
  OWN_NAME.test(name)
    ? 'it belongs to AWS Control Tower, which denies changes by others: change the landing zone in the management account'
    : undefined;
