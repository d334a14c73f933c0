// What is sent: one message or service of each name, made for one number of bytes. Included by Subject.c alone.
#include <geometry_msgs/msg/pose.h>
#include <sensor_msgs/msg/image.h>
#include <sensor_msgs/msg/joint_state.h>
#include <sensor_msgs/srv/set_camera_info.h>
#include <std_srvs/srv/set_bool.h>

#include <rosidl_runtime_c/primitives_sequence_functions.h>
#include <rosidl_runtime_c/string_functions.h>

#define MESSAGE(PACKAGE, NAME) \
  (Sample){ROSIDL_GET_MSG_TYPE_SUPPORT(PACKAGE, msg, NAME), PACKAGE##__msg__##NAME##__create(), 0}

// A message in the layout of C. All but the pose begin with a header, whose stamp tells when they were sent.
typedef struct
{
  const rosidl_message_type_support_t * support;
  void * value;
  int is_pose;
} Sample;

static void require(int ok, const char * what);

static Sample pose(void)
{
  Sample s = MESSAGE(geometry_msgs, Pose);
  s.is_pose = 1;
  return s;
}

static Sample joint_state(void)
{
  Sample s = MESSAGE(sensor_msgs, JointState);
  sensor_msgs__msg__JointState * m = s.value;
  const size_t joints = 14;
  rosidl_runtime_c__String__Sequence__init(&m->name, joints);
  rosidl_runtime_c__double__Sequence__init(&m->position, joints);
  rosidl_runtime_c__double__Sequence__init(&m->velocity, joints);
  rosidl_runtime_c__double__Sequence__init(&m->effort, joints);
  for (size_t i = 0; i < joints; i++) {
    char name[16];
    snprintf(name, sizeof name, "joint_%zu", i);
    rosidl_runtime_c__String__assign(&m->name.data[i], name);
    m->position.data[i] = m->velocity.data[i] = m->effort.data[i] = 0.1 * i;
  }
  return s;
}

static Sample image(size_t bytes)
{
  Sample s = MESSAGE(sensor_msgs, Image);
  sensor_msgs__msg__Image * m = s.value;
  m->height = 1;
  m->width = m->step = bytes;
  rosidl_runtime_c__String__assign(&m->encoding, "mono8");
  rosidl_runtime_c__uint8__Sequence__init(&m->data, bytes);
  for (size_t i = 0; i < bytes; i++) {m->data.data[i] = i * 31;}
  return s;
}

static Sample sample(const char * name, size_t bytes)
{
  if (!strcmp(name, "pose")) {return pose();}
  if (!strcmp(name, "joint_state")) {return joint_state();}
  require(!strcmp(name, "image"), name);
  return image(bytes);
}

static void sample_free(Sample s, const char * name)
{
  if (!strcmp(name, "pose")) {geometry_msgs__msg__Pose__destroy(s.value);}
  if (!strcmp(name, "joint_state")) {sensor_msgs__msg__JointState__destroy(s.value);}
  if (!strcmp(name, "image")) {sensor_msgs__msg__Image__destroy(s.value);}
}

// The stamp in the structure; builtin_interfaces/Time is the first field of a header, which is the first of a message.
static void stamp(Sample s, int64_t nanos)
{
  if (s.is_pose) {
    ((geometry_msgs__msg__Pose *)s.value)->position.x = nanos;
  } else {
    builtin_interfaces__msg__Time * t = s.value;
    t->sec = nanos / 1000000000;
    t->nanosec = nanos % 1000000000;
  }
}

static int64_t stamp_of(Sample s)
{
  if (s.is_pose) {return ((geometry_msgs__msg__Pose *)s.value)->position.x;}
  builtin_interfaces__msg__Time * t = s.value;
  return t->sec * 1000000000LL + t->nanosec;
}

// The same in CDR: fields begin after 4 bytes of encapsulation.
static void stamp_cdr(Sample s, uint8_t * cdr, int64_t nanos)
{
  if (s.is_pose) {
    double x = nanos;
    memcpy(cdr + 4, &x, 8);
  } else {
    uint32_t t[2] = {nanos / 1000000000, nanos % 1000000000};
    memcpy(cdr + 4, t, 8);
  }
}

static int64_t stamp_of_cdr(Sample s, const uint8_t * cdr)
{
  double x;
  uint32_t t[2];
  memcpy(&x, cdr + 4, 8);
  memcpy(t, cdr + 4, 8);
  return s.is_pose ? (int64_t)x : t[0] * 1000000000LL + t[1];
}

// A service whose request has a field of the wanted size; the small one has one bit.
typedef struct
{
  const rosidl_service_type_support_t * support;
  void * request;
  void * response;
} Exchange;

static Exchange exchange(const char * name, size_t bytes)
{
  if (!strcmp(name, "set_bool")) {
    std_srvs__srv__SetBool_Response * response = std_srvs__srv__SetBool_Response__create();
    response->success = true;
    return (Exchange){ROSIDL_GET_SRV_TYPE_SUPPORT(std_srvs, srv, SetBool),
      std_srvs__srv__SetBool_Request__create(), response};
  }
  require(!strcmp(name, "set_camera_info"), name);
  sensor_msgs__srv__SetCameraInfo_Request * request = sensor_msgs__srv__SetCameraInfo_Request__create();
  rosidl_runtime_c__double__Sequence__init(&request->camera_info.d, bytes / sizeof(double));
  sensor_msgs__srv__SetCameraInfo_Response * response = sensor_msgs__srv__SetCameraInfo_Response__create();
  response->success = true;
  return (Exchange){ROSIDL_GET_SRV_TYPE_SUPPORT(sensor_msgs, srv, SetCameraInfo), request, response};
}

static void exchange_free(Exchange e, const char * name)
{
  if (!strcmp(name, "set_bool")) {
    std_srvs__srv__SetBool_Request__destroy(e.request);
    std_srvs__srv__SetBool_Response__destroy(e.response);
  } else {
    sensor_msgs__srv__SetCameraInfo_Request__destroy(e.request);
    sensor_msgs__srv__SetCameraInfo_Response__destroy(e.response);
  }
}
